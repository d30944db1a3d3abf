# shellcheck shell=bash
# Sourced: every value of the guide, asked of AWS with its ordinary CLI after an apply; $prefix, $short and $want are those
# of the environment (expected.sh), as an account may hold more than one.
# shellcheck disable=SC2016,SC2154  # backquotes are JMESPath's

account=123456789012

assert_network() {
  local vpc
  vpc=$(aws ec2 describe-vpcs --filters "Name=tag:Name,Values=$prefix" --query 'Vpcs[0].VpcId' --output text)
  says "VPC CIDR" 10.0.0.0/16 ec2 describe-vpcs --vpc-ids "$vpc" --query 'Vpcs[0].CidrBlock'
  says "3 subnets of each tier, in 3 zones" "database us-east-1a database us-east-1b database us-east-1c private us-east-1a \
private us-east-1b private us-east-1c public us-east-1a public us-east-1b public us-east-1c" ec2 describe-subnets \
    --filters "Name=vpc-id,Values=$vpc" \
    --query 'sort(Subnets[].join(`" "`, [Tags[?Key==`Tier`].Value | [0], AvailabilityZone]))'
  says "NAT gateways" "${want[nat]}" ec2 describe-nat-gateways --filter "Name=vpc-id,Values=$vpc" "Name=state,Values=available" \
    --query 'length(NatGateways)'
  says "ways out of the database subnets" 0 ec2 describe-route-tables --filters "Name=tag:Name,Values=$prefix-database" \
    --query 'length(RouteTables[].Routes[?DestinationCidrBlock==`0.0.0.0/0`][])'
  says "S3 endpoint" "Gateway com.amazonaws.us-east-1.s3" ec2 describe-vpc-endpoints --filters "Name=vpc-id,Values=$vpc" \
    --query 'VpcEndpoints[].[VpcEndpointType, ServiceName]'
  says "flow logs" "${want[flow]} cloud-watch-logs" ec2 describe-flow-logs --filter "Name=resource-id,Values=$vpc" \
    --query 'FlowLogs[].[TrafficType, LogDestinationType]'
  says "groups that the world reaches" "$prefix-alb" ec2 describe-security-groups \
    --filters "Name=vpc-id,Values=$vpc" Name=ip-permission.cidr,Values=0.0.0.0/0 --query 'SecurityGroups[].GroupName'
  says "ports that the world reaches" "80 443" ec2 describe-security-groups --filters "Name=group-name,Values=$prefix-alb" \
    --query 'sort(SecurityGroups[0].IpPermissions[].ToPort)'
  says "what reaches PostgreSQL and Redis" "5432 1 0 6379 1 0" ec2 describe-security-groups \
    --filters "Name=group-name,Values=$prefix-database,$prefix-redis" --query 'sort_by(SecurityGroups, &GroupName)[].IpPermissions[].[ToPort, length(UserIdGroupPairs), length(IpRanges)]'
}

assert_balancer() {
  local arn name listener group certificate
  arn=$(aws elbv2 describe-load-balancers --names "$prefix" --query 'LoadBalancers[0].LoadBalancerArn' --output text)
  says "load balancer" "internet-facing application 3" elbv2 describe-load-balancers --names "$prefix" \
    --query 'LoadBalancers[0].[Scheme, Type, length(AvailabilityZones)]'
  says "idle time-out and log" "300 true" elbv2 describe-load-balancer-attributes --load-balancer-arn "$arn" \
    --query '[Attributes[?Key==`idle_timeout.timeout_seconds`].Value, Attributes[?Key==`access_logs.s3.enabled`].Value][]'
  says "listeners" "80 HTTP redirect 443 HTTPS fixed-response" elbv2 describe-listeners --load-balancer-arn "$arn" \
    --query 'sort_by(Listeners, &Port)[].[Port, Protocol, DefaultActions[0].Type]'
  says "TLS policy" ELBSecurityPolicy-TLS13-1-2-Res-2021-06 elbv2 describe-listeners --load-balancer-arn "$arn" \
    --query 'Listeners[?Port==`443`].SslPolicy'
  listener=$(aws elbv2 describe-listeners --load-balancer-arn "$arn" --query 'Listeners[?Port==`443`].ListenerArn' --output text)
  # Two of the Web's name: its calls go to the API.
  says "hosts" "${want[api_host]} ${want[web_host]} ${want[web_host]}" elbv2 describe-rules --listener-arn "$listener" \
    --query 'sort(Rules[].Conditions[].HostHeaderConfig.Values[])'
  says "paths" "/demo/* /media/web /media/web/*" elbv2 describe-rules --listener-arn "$listener" \
    --query 'sort(Rules[].Conditions[].PathPatternConfig.Values[])'
  for name in api web; do
    says "$name is asked at /health" "/health ip 8080" elbv2 describe-target-groups --names "$prefix-$name" \
      --query 'TargetGroups[0].[HealthCheckPath, TargetType, Port]'
  done
  group=$(aws elbv2 describe-target-groups --names "$prefix-web" --query 'TargetGroups[0].TargetGroupArn' --output text)
  says "the Web's targets leave before Spot takes their machine" 60 elbv2 describe-target-group-attributes \
    --target-group-arn "$group" --query 'Attributes[?Key==`deregistration_delay.timeout_seconds`].Value'
  certificate=$(aws acm list-certificates --query "CertificateSummaryList[?DomainName=='${want[web_host]}'].CertificateArn" --output text)
  says "the certificate's hosts" "${want[api_host]} ${want[web_host]}" acm describe-certificate --certificate-arn "$certificate" \
    --query 'sort(Certificate.SubjectAlternativeNames)'
  says "the firewall's rules" "$prefix AWSManagedRulesAmazonIpReputationList AWSManagedRulesKnownBadInputsRuleSet \
AWSManagedRulesCommonRuleSet requests-of-one-address" wafv2 get-web-acl-for-resource --resource-arn "$arn" \
    --query '[[WebACL.Name], sort_by(WebACL.Rules, &Priority)[].Name][]'
}

assert_services() {
  local name
  says "cluster" "$prefix-cluster ACTIVE FARGATE FARGATE_SPOT ${want[insights]}" ecs describe-clusters \
    --clusters "$prefix-cluster" --include SETTINGS \
    --query 'clusters[0].[[clusterName, status], sort(capacityProviders), settings[?name==`containerInsights`].value][]'
  says "services" "$prefix-api 2 $prefix-web 2" ecs describe-services --cluster "$prefix-cluster" \
    --services "$prefix-api" "$prefix-web" --query 'sort_by(services, &serviceName)[].[serviceName, desiredCount]'
  for name in api web migrations; do
    says "family $prefix-$name" "$prefix-$name" ecs list-task-definition-families --family-prefix "$prefix-$name" --query 'families'
  done
  says "migrations" "migrate up" ecs describe-task-definition --task-definition "$prefix-migrations" \
    --query 'taskDefinition.containerDefinitions[0].command'
  says "the API's container" "$account.dkr.ecr.us-east-1.amazonaws.com/$prefix/api:latest 120 True 10001:10001 /ecs/$prefix/api" \
    ecs describe-task-definition --task-definition "$prefix-api" --query 'taskDefinition.containerDefinitions[0].[image, stopTimeout, readonlyRootFilesystem, user, logConfiguration.options."awslogs-group"]'
  says "the API's secrets" "RETELL_API_KEY RETELL_CACHE_PASSWORD RETELL_SECURITY_JWT_SECRET RETELL_SECURITY_SECRET_KEY RETELL_TWILIO_AUTH_TOKEN" \
    ecs describe-task-definition --task-definition "$prefix-api" \
    --query "sort(taskDefinition.containerDefinitions[0].secrets[?contains(valueFrom, ':secret:$short/')].name)"
  says "tasks" "service/$prefix-cluster/$prefix-api 2 10 service/$prefix-cluster/$prefix-web 2 6" \
    application-autoscaling describe-scalable-targets --service-namespace ecs \
    --resource-ids "service/$prefix-cluster/$prefix-api" "service/$prefix-cluster/$prefix-web" \
    --query 'sort_by(ScalableTargets, &ResourceId)[].[ResourceId, MinCapacity, MaxCapacity]'
  says "scaling policies" "$prefix-api-cpu $prefix-api-live-calls $prefix-api-memory $prefix-web-cpu $prefix-web-memory" \
    application-autoscaling describe-scaling-policies --service-namespace ecs \
    --query "sort(ScalingPolicies[?starts_with(PolicyName, '$prefix-')].PolicyName)"
  says "repositories" "$prefix/api IMMUTABLE_WITH_EXCLUSION True $prefix/web IMMUTABLE_WITH_EXCLUSION True" \
    ecr describe-repositories --repository-names "$prefix/api" "$prefix/web" \
    --query 'sort_by(repositories, &repositoryName)[].[repositoryName, imageTagMutability, imageScanningConfiguration.scanOnPush]'
}

assert_data() {
  local bucket
  says "database" "${want[database]} True True" rds describe-db-instances --db-instance-identifier "$prefix" \
    --query 'DBInstances[0].[Engine, DBInstanceClass, MultiAZ, BackupRetentionPeriod, StorageEncrypted, DeletionProtection]'
  says "the database is private, grows, and RDS keeps its password" "False 1000 active" rds describe-db-instances \
    --db-instance-identifier "$prefix" --query 'DBInstances[0].[PubliclyAccessible, MaxAllocatedStorage, MasterUserSecret.SecretStatus]'
  says "TLS forced" 1 rds describe-db-parameters --db-parameter-group-name "$prefix-postgres16" \
    --query 'Parameters[?ParameterName==`rds.force_ssl`].ParameterValue'
  says "cache" "${want[cache]} True True" elasticache describe-replication-groups --replication-group-id "$prefix" \
    --query 'ReplicationGroups[0].[CacheNodeType, length(MemberClusters), AutomaticFailover, AtRestEncryptionEnabled, TransitEncryptionEnabled]'
  says "recordings move" "90 GLACIER_IR 7" s3api get-bucket-lifecycle-configuration --bucket "$prefix-recordings-$account" \
    --query 'Rules[0].[Transitions[0].Days, Transitions[0].StorageClass, AbortIncompleteMultipartUpload.DaysAfterInitiation]'
  says "backups expire" "90 7" s3api get-bucket-lifecycle-configuration --bucket "$prefix-backups-$account" \
    --query 'Rules[0].[Expiration.Days, AbortIncompleteMultipartUpload.DaysAfterInitiation]'
  for bucket in recordings backups; do
    bucket=$prefix-$bucket-$account
    says "$bucket keeps versions" Enabled s3api get-bucket-versioning --bucket "$bucket" --query Status
    says "$bucket is encrypted" aws:kms s3api get-bucket-encryption --bucket "$bucket" \
      --query 'ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm'
    says "$bucket is closed" "True True True True" s3api get-public-access-block --bucket "$bucket" --query \
      'PublicAccessBlockConfiguration.[BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets]'
  done
  says "the guide's secrets are as they were made" "${want[jwt]}" secretsmanager get-secret-value \
    --secret-id "$short/jwt-secret" --query SecretString
  says "drawn secrets are long" "64" secretsmanager get-secret-value --secret-id "$short/secret-key" --query 'length(SecretString)'
}

assert_watching() {
  says "logs" "/ecs/$prefix/api 30 /ecs/$prefix/migrations 30 /ecs/$prefix/web 30" logs describe-log-groups \
    --log-group-name-prefix "/ecs/$prefix/" --query 'sort_by(logGroups, &logGroupName)[].[logGroupName, retentionInDays]'
  says "alarms: CPU" "$prefix-api-cpu-high 80.0 300 2 GreaterThanThreshold $prefix-rds-cpu-high 80.0 300 2 GreaterThanThreshold" \
    cloudwatch describe-alarms --alarm-names "$prefix-api-cpu-high" "$prefix-rds-cpu-high" \
    --query 'sort_by(MetricAlarms, &AlarmName)[].[AlarmName, Threshold, Period, EvaluationPeriods, ComparisonOperator]'
  says "alarm: 5xx" "5.0 1 GreaterThanThreshold" cloudwatch describe-alarms --alarm-names "$prefix-alb-5xx-errors" \
    --query 'MetricAlarms[0].[Threshold, EvaluationPeriods, ComparisonOperator]'
  says "alarm: latency" "1.0 p95 GreaterThanThreshold" cloudwatch describe-alarms --alarm-names "$prefix-api-latency-high" \
    --query 'MetricAlarms[0].[Threshold, ExtendedStatistic, ComparisonOperator]'
  says "alarms of Redis" "${want[redis_alarms]}" cloudwatch describe-alarms --alarm-name-prefix "$prefix-redis-" \
    --query 'length(MetricAlarms)'
  says "alarm: certificate" "30.0" cloudwatch describe-alarms --alarm-names "$prefix-certificate-expires" --query 'MetricAlarms[].Threshold'
  says "alarms that tell nobody" "" cloudwatch describe-alarms --alarm-name-prefix "$prefix-" \
    --query 'MetricAlarms[?length(AlarmActions)==`0`].AlarmName'
  says "dashboard" "$prefix" cloudwatch list-dashboards --dashboard-name-prefix "$prefix" --query 'DashboardEntries[].DashboardName'
  says "failed deployments" "ENABLED" events describe-rule --name "$prefix-deployment-failed" --query State
  says "a changed password" "ENABLED" events describe-rule --name "$prefix-database-password-changed" --query State
  says "budget" "${want[budget]}" budgets describe-budgets --account-id "$account" \
    --query "Budgets[?BudgetName=='$prefix'].[BudgetLimit.Amount, BudgetLimit.Unit]"
  says "backup plan" "${want[backup_plan]}" backup list-backup-plans --query "BackupPlansList[?BackupPlanName=='$prefix'].BackupPlanName"
}

assert_environment() {
  assert_network
  assert_balancer
  assert_services
  assert_data
  assert_watching
}
