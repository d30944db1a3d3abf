output "alb_dns_name" {
  description = "What the CNAME records of the API's and the Web's names point to"
  value       = aws_lb.main.dns_name
}

output "hosts" {
  description = "Names that the load balancer answers to"
  value       = { api = local.api_host, app = local.app_host }
}

output "certificate_validation_records" {
  description = "Records to make at your DNS provider when neither route53_zone_id nor certificate_arn is given"
  # One kind of list in both cases: a condition's is another in the state than in the next plan, which then never is empty.
  value = [
    for option in flatten([
      for certificate in aws_acm_certificate.main : tolist(certificate.domain_validation_options) if var.route53_zone_id == null
      ]) : {
      name  = option.resource_record_name
      type  = option.resource_record_type
      value = option.resource_record_value
    }
  ]
}

output "environment" {
  value = var.environment
}

output "region" {
  value = var.region
}

output "account_id" {
  value = local.account_id
}

output "cluster_name" {
  value = aws_ecs_cluster.main.name
}

output "service_names" {
  value = { api = aws_ecs_service.api.name, web = aws_ecs_service.web.name }
}

output "task_families" {
  value = {
    api        = aws_ecs_task_definition.api.family
    web        = aws_ecs_task_definition.web.family
    migrations = aws_ecs_task_definition.migrations.family
  }
}

output "ecr_repository_urls" {
  value = { for name, repository in aws_ecr_repository.service : name => repository.repository_url }
}

output "log_groups" {
  value = { for name, group in aws_cloudwatch_log_group.service : name => group.name }
}

output "target_group_arns" {
  value = { api = aws_lb_target_group.api.arn, web = aws_lb_target_group.web.arn }
}

output "private_subnet_ids" {
  value = aws_subnet.private[*].id
}

output "api_security_group_id" {
  value = aws_security_group.api.id
}

locals {
  migration_network = "awsvpcConfiguration={subnets=[${join(",", aws_subnet.private[*].id)}],securityGroups=[${aws_security_group.api.id}],assignPublicIp=DISABLED}"
}

output "migration_network_configuration" {
  description = "Value of --network-configuration for: aws ecs run-task"
  value       = local.migration_network
}

output "cli_alias" {
  description = "For ~/.aws/cli/alias (AWS CLI 2): makes the guide's short run-task work, which Fargate refuses without a network"
  value       = <<-EOT
    [command ecs]
    run-task = run-task --network-configuration ${local.migration_network}
  EOT
}

output "deploy_role_arn" {
  value = aws_iam_role.deploy.arn
}

output "deployments_table" {
  value = aws_dynamodb_table.deployments.name
}

output "secret_names" {
  description = "Secrets that must exist before a deployment"
  value = concat(
    [for secret in data.aws_secretsmanager_secret.given : secret.name],
    [for secret in data.aws_secretsmanager_secret.extra : secret.name],
    [for secret in aws_secretsmanager_secret.generated : secret.name],
  )
}

output "recordings_bucket" {
  value = aws_s3_bucket.recordings.id
}

output "backups_bucket" {
  value = aws_s3_bucket.backups.id
}

output "database_endpoint" {
  value = aws_db_instance.main.endpoint
}

output "redis_endpoint" {
  value = aws_elasticache_replication_group.main.primary_endpoint_address
}
