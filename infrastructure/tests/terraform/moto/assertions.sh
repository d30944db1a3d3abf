# shellcheck shell=bash
# Sourced: every value of the guide, asked of AWS with its ordinary CLI after the guide's apply.
# shellcheck disable=SC2016  # backquotes are JMESPath's

assert_network() {
  local vpc
  vpc=$(aws ec2 describe-vpcs --filters Name=tag:Name,Values=retell-prod --query 'Vpcs[0].VpcId' --output text)
  says "VPC CIDR" 10.0.0.0/16 ec2 describe-vpcs --vpc-ids "$vpc" --query 'Vpcs[0].CidrBlock'
  local tier
  for tier in public private database; do
    says "$tier subnets in 3 zones" "us-east-1a us-east-1b us-east-1c" ec2 describe-subnets \
      --filters "Name=vpc-id,Values=$vpc" "Name=tag:Tier,Values=$tier" --query 'sort(Subnets[].AvailabilityZone)'
  done
  says "a NAT gateway in each zone" 3 ec2 describe-nat-gateways --filter "Name=vpc-id,Values=$vpc" --query 'length(NatGateways)'
  says "S3 endpoint" "Gateway com.amazonaws.us-east-1.s3" ec2 describe-vpc-endpoints --filters "Name=vpc-id,Values=$vpc" \
    --query 'VpcEndpoints[].[VpcEndpointType, ServiceName]'
  says "flow logs" "ALL cloud-watch-logs" ec2 describe-flow-logs --filter "Name=resource-id,Values=$vpc" \
    --query 'FlowLogs[].[TrafficType, LogDestinationType]'
  says "groups that the world reaches" retell-prod-alb ec2 describe-security-groups \
    --filters "Name=vpc-id,Values=$vpc" Name=ip-permission.cidr,Values=0.0.0.0/0 --query 'SecurityGroups[].GroupName'
  says "ports that the world reaches" "80 443" ec2 describe-security-groups --filters Name=group-name,Values=retell-prod-alb \
    --query 'sort(SecurityGroups[0].IpPermissions[].ToPort)'
  says "what reaches PostgreSQL" "5432" ec2 describe-security-groups --filters Name=group-name,Values=retell-prod-database \
    --query 'SecurityGroups[0].IpPermissions[].ToPort'
}

assert_balancer() {
  local arn name
  arn=$(aws elbv2 describe-load-balancers --names retell-prod --query 'LoadBalancers[0].LoadBalancerArn' --output text)
  says "load balancer" "internet-facing application 3" elbv2 describe-load-balancers --names retell-prod \
    --query 'LoadBalancers[0].[Scheme, Type, length(AvailabilityZones)]'
  says "idle time-out" 300 elbv2 describe-load-balancer-attributes --load-balancer-arn "$arn" \
    --query 'Attributes[?Key==`idle_timeout.timeout_seconds`].Value'
  says "listeners" "80 HTTP redirect 443 HTTPS fixed-response" elbv2 describe-listeners --load-balancer-arn "$arn" \
    --query 'sort_by(Listeners, &Port)[].[Port, Protocol, DefaultActions[0].Type]'
  says "TLS policy" ELBSecurityPolicy-TLS13-1-2-Res-2021-06 elbv2 describe-listeners --load-balancer-arn "$arn" \
    --query 'Listeners[?Port==`443`].SslPolicy'
  local listener
  listener=$(aws elbv2 describe-listeners --load-balancer-arn "$arn" --query 'Listeners[?Port==`443`].ListenerArn' --output text)
  # Two of the Web's name: its calls go to the API.
  says "hosts" "api.retellai-mvp.com app.retellai-mvp.com app.retellai-mvp.com" elbv2 describe-rules \
    --listener-arn "$listener" --query 'sort(Rules[].Conditions[].HostHeaderConfig.Values[])'
  says "paths" "/demo/* /media/web /media/web/*" elbv2 describe-rules --listener-arn "$listener" \
    --query 'sort(Rules[].Conditions[].PathPatternConfig.Values[])'
  for name in api web; do
    says "$name is asked at /health" "/health ip 8080" elbv2 describe-target-groups --names "retell-prod-$name" \
      --query 'TargetGroups[0].[HealthCheckPath, TargetType, Port]'
  done
  says "firewall" retell-prod wafv2 get-web-acl-for-resource --resource-arn "$arn" --query WebACL.Name
}

assert_services() {
  says "cluster" "retell-prod-cluster ACTIVE" ecs describe-clusters --clusters retell-prod-cluster \
    --query 'clusters[0].[clusterName, status]'
  says "capacity providers" "FARGATE FARGATE_SPOT" ecs describe-clusters --clusters retell-prod-cluster \
    --query 'sort(clusters[0].capacityProviders)'
  says "Container Insights" enabled ecs describe-clusters --clusters retell-prod-cluster --include SETTINGS \
    --query 'clusters[0].settings[?name==`containerInsights`].value'
  says "services" "retell-prod-api retell-prod-web" ecs describe-services --cluster retell-prod-cluster \
    --services retell-prod-api retell-prod-web --query 'sort(services[].serviceName)'
  says "tasks at first" "2 2" ecs describe-services --cluster retell-prod-cluster \
    --services retell-prod-api retell-prod-web --query 'services[].desiredCount'
  says "families" "retell-prod-api retell-prod-migrations retell-prod-web" ecs list-task-definition-families --query 'sort(families)'
  says "migrations" "migrate up" ecs describe-task-definition --task-definition retell-prod-migrations \
    --query 'taskDefinition.containerDefinitions[0].command'
  says "the API's stop time-out" "120 True" ecs describe-task-definition --task-definition retell-prod-api \
    --query 'taskDefinition.containerDefinitions[0].[stopTimeout, readonlyRootFilesystem]'
  says "the API's image" 123456789012.dkr.ecr.us-east-1.amazonaws.com/retell-prod/api:latest ecs describe-task-definition \
    --task-definition retell-prod-api --query 'taskDefinition.containerDefinitions[0].image'
  says "tasks" "service/retell-prod-cluster/retell-prod-api 2 10 service/retell-prod-cluster/retell-prod-web 2 6" \
    application-autoscaling describe-scalable-targets --service-namespace ecs \
    --query 'sort_by(ScalableTargets, &ResourceId)[].[ResourceId, MinCapacity, MaxCapacity]'
  says "scaling policies" "retell-prod-api-cpu retell-prod-api-live-calls retell-prod-api-memory retell-prod-web-cpu retell-prod-web-memory" \
    application-autoscaling describe-scaling-policies --service-namespace ecs --query 'sort(ScalingPolicies[].PolicyName)'
  says "repositories" "retell-prod/api IMMUTABLE_WITH_EXCLUSION True retell-prod/web IMMUTABLE_WITH_EXCLUSION True" ecr describe-repositories \
    --query 'sort_by(repositories, &repositoryName)[].[repositoryName, imageTagMutability, imageScanningConfiguration.scanOnPush]'
}

assert_data() {
  local bucket
  says "database" "postgres db.r6g.xlarge True 30 True True" rds describe-db-instances --db-instance-identifier retell-prod \
    --query 'DBInstances[0].[Engine, DBInstanceClass, MultiAZ, BackupRetentionPeriod, StorageEncrypted, DeletionProtection]'
  says "TLS forced" 1 rds describe-db-parameters --db-parameter-group-name retell-prod-postgres16 \
    --query 'Parameters[?ParameterName==`rds.force_ssl`].ParameterValue'
  says "cache" "cache.r6g.large 2 enabled True True" elasticache describe-replication-groups --replication-group-id retell-prod \
    --query 'ReplicationGroups[0].[CacheNodeType, length(MemberClusters), AutomaticFailover, AtRestEncryptionEnabled, TransitEncryptionEnabled]'
  says "recordings move" "90 GLACIER_IR" s3api get-bucket-lifecycle-configuration --bucket retell-prod-recordings-123456789012 \
    --query 'Rules[0].Transitions[0].[Days, StorageClass]'
  says "backups expire" 90 s3api get-bucket-lifecycle-configuration --bucket retell-prod-backups-123456789012 \
    --query 'Rules[0].Expiration.Days'
  for bucket in recordings backups; do
    bucket=retell-prod-$bucket-123456789012
    says "$bucket keeps versions" Enabled s3api get-bucket-versioning --bucket "$bucket" --query Status
    says "$bucket is encrypted" aws:kms s3api get-bucket-encryption --bucket "$bucket" \
      --query 'ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm'
    says "$bucket is closed" "True True True True" s3api get-public-access-block --bucket "$bucket" --query \
      'PublicAccessBlockConfiguration.[BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets]'
  done
  says "the guide's secrets are as they were made" your-super-secret-jwt-key secretsmanager get-secret-value \
    --secret-id prod/jwt-secret --query SecretString
  says "drawn secrets are long" "64" secretsmanager get-secret-value --secret-id prod/secret-key --query 'length(SecretString)'
}

assert_watching() {
  local name
  for name in api web; do
    says "log of $name" 30 logs describe-log-groups --log-group-name-prefix "/ecs/retell-prod/$name" --query 'logGroups[0].retentionInDays'
  done
  says "alarm: API CPU" "80.0 300 2 GreaterThanThreshold" cloudwatch describe-alarms --alarm-names retell-prod-api-cpu-high \
    --query 'MetricAlarms[0].[Threshold, Period, EvaluationPeriods, ComparisonOperator]'
  says "alarm: RDS CPU" "80.0 300 2 GreaterThanThreshold" cloudwatch describe-alarms --alarm-names retell-prod-rds-cpu-high \
    --query 'MetricAlarms[0].[Threshold, Period, EvaluationPeriods, ComparisonOperator]'
  says "alarm: 5xx" "5.0 1 GreaterThanThreshold" cloudwatch describe-alarms --alarm-names retell-prod-alb-5xx-errors \
    --query 'MetricAlarms[0].[Threshold, EvaluationPeriods, ComparisonOperator]'
  says "alarm: latency" "1.0 p95 GreaterThanThreshold" cloudwatch describe-alarms --alarm-names retell-prod-api-latency-high \
    --query 'MetricAlarms[0].[Threshold, ExtendedStatistic, ComparisonOperator]'
  says "alarms that tell nobody" "" cloudwatch describe-alarms --query 'MetricAlarms[?length(AlarmActions)==`0`].AlarmName'
  says "dashboard" retell-prod cloudwatch list-dashboards --query 'DashboardEntries[].DashboardName'
  says "budget" "retell-prod 2000 USD" budgets describe-budgets --account-id 123456789012 \
    --query 'Budgets[].[BudgetName, BudgetLimit.Amount, BudgetLimit.Unit]'
  says "backup plan" retell-prod backup list-backup-plans --query 'BackupPlansList[].BackupPlanName'
}
