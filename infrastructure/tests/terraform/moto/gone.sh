# shellcheck shell=bash
# Sourced: that a destroy left nothing of an environment that costs, is reachable or keeps data, but what the guide keeps.
# shellcheck disable=SC2016,SC2154  # backquotes are JMESPath's

# assert_gone PREFIX: nothing whose name begins with it.
assert_gone() {
  local start=$1
  says "no network is left" "" ec2 describe-vpcs --filters "Name=tag:Name,Values=$start*" --query 'Vpcs[].VpcId'
  says "no NAT gateway is left" "" ec2 describe-nat-gateways --filter Name=state,Values=available,pending --query 'NatGateways[].NatGatewayId'
  says "no address is left" "" ec2 describe-addresses --query 'Addresses[].PublicIp'
  says "no load balancer is left" "" elbv2 describe-load-balancers --query 'LoadBalancers[].LoadBalancerName'
  says "no target group is left" "" elbv2 describe-target-groups --query 'TargetGroups[].TargetGroupName'
  says "no certificate is left" "" acm list-certificates --query 'CertificateSummaryList[].DomainName'
  says "no firewall is left" "" wafv2 list-web-acls --scope REGIONAL --query 'WebACLs[].Name'
  says "no set of addresses is left" "" wafv2 list-ip-sets --scope REGIONAL --query 'IPSets[].Name'
  says "no cluster is left" "" ecs describe-clusters --clusters "${start}prod-cluster" "${start}staging-cluster" \
    --query 'clusters[?status==`ACTIVE`].clusterName'
  says "no repository is left" "" ecr describe-repositories --query 'repositories[].repositoryName'
  says "no database is left" "" rds describe-db-instances --query 'DBInstances[].DBInstanceIdentifier'
  says "no last snapshot is left, as was asked" "" rds describe-db-snapshots --query 'DBSnapshots[?SnapshotType==`manual`].DBSnapshotIdentifier'
  says "no cache is left" "" elasticache describe-replication-groups --query 'ReplicationGroups[?Status!=`deleting`].ReplicationGroupId'
  says "no table but the state's lock is left" retell-terraform-lock dynamodb list-tables --query TableNames
  says "no log is left" "" logs describe-log-groups --query 'logGroups[].logGroupName'
  says "no alarm is left" "" cloudwatch describe-alarms --query 'MetricAlarms[].AlarmName'
  says "no dashboard is left" "" cloudwatch list-dashboards --query 'DashboardEntries[].DashboardName'
  says "no topic is left" "" sns list-topics --query 'Topics[].TopicArn'
  says "no event rule is left" "" events list-rules --query "Rules[?starts_with(Name, '$start')].Name"
  says "no budget is left" "" budgets describe-budgets --account-id "$account" --query 'Budgets[].BudgetName'
  says "no vault is left" "" backup list-backup-vaults --query "BackupVaultList[?starts_with(BackupVaultName, '$start')].BackupVaultName"
  says "no role is left" "" iam list-roles --query "Roles[?starts_with(RoleName, '$start')].RoleName"
  says "no name of a key is left" "" kms list-aliases --query "Aliases[?starts_with(AliasName, 'alias/$start')].AliasName"
  says "the state's bucket is all that is left" "retell-terraform-state-$account" s3api list-buckets --query 'Buckets[].Name'
}
