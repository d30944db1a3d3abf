# What is no metric: things that AWS tells once, and money.

locals {
  event_rules = merge(
    {
      deployment-failed = {
        text = "A deployment failed; the circuit breaker goes back to the last good one"
        pattern = {
          source      = ["aws.ecs"]
          detail-type = ["ECS Deployment State Change"]
          resources   = [aws_ecs_service.api.id, aws_ecs_service.web.id]
          detail      = { eventName = ["SERVICE_DEPLOYMENT_FAILED"] }
        }
      }
      tasks-not-placed = {
        text = "ECS cannot start tasks: no machines of that kind, or a fault in the definition"
        pattern = {
          source      = ["aws.ecs"]
          detail-type = ["ECS Service Action"]
          resources   = [aws_ecs_service.api.id, aws_ecs_service.web.id]
          detail      = { eventName = ["SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_TASK_START_IMPAIRED"] }
        }
      }
      api-out-of-memory = {
        text = "A task of the API was killed for want of memory, with its calls"
        pattern = {
          source      = ["aws.ecs"]
          detail-type = ["ECS Task State Change"]
          detail = {
            clusterArn = [aws_ecs_cluster.main.arn]
            group      = ["service:${local.prefix}-api"]
            lastStatus = ["STOPPED"]
            containers = { reason = [{ prefix = "OutOfMemory" }] }
          }
        }
      }
      web-spot-interrupted = {
        text = "Spot took a task of the Web; ECS starts another"
        pattern = {
          source      = ["aws.ecs"]
          detail-type = ["ECS Task State Change"]
          detail = {
            clusterArn = [aws_ecs_cluster.main.arn]
            group      = ["service:${local.prefix}-web"]
            lastStatus = ["STOPPED"]
            stopCode   = ["SpotInterruption"]
          }
        }
      }
      # A service's event, which CloudTrail hands on. Where it should not name its secret, better once too often than not at all.
      database-password-changed = {
        text = "RDS changed the database's password, or failed to: restart the API now, new connections fail until then"
        pattern = {
          source      = ["aws.secretsmanager"]
          detail-type = ["AWS Service Event via CloudTrail"]
          detail = {
            eventSource = ["secretsmanager.amazonaws.com"]
            eventName   = ["RotationSucceeded", "RotationFailed"]
            "$or" = [
              { additionalEventData = { SecretId = [aws_db_instance.main.master_user_secret[0].secret_arn] } },
              { additionalEventData = { SecretId = [{ exists = false }] } },
            ]
          }
        }
      }
    },
    {
      for name in var.backup_vault_enabled ? ["backup-failed"] : [] : name => {
        text = "A backup failed"
        pattern = {
          source      = ["aws.backup"]
          detail-type = ["Backup Job State Change", "Copy Job State Change"]
          detail      = { state = ["FAILED", "EXPIRED", "ABORTED"] }
        }
      }
    },
  )
}

resource "aws_cloudwatch_event_rule" "alarm" {
  for_each = local.event_rules

  name          = "${local.prefix}-${each.key}"
  description   = each.value.text
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "alarm" {
  for_each = aws_cloudwatch_event_rule.alarm

  rule = each.value.name
  arn  = aws_sns_topic.alarms.arn
}

resource "aws_db_event_subscription" "database" {
  name        = "${local.prefix}-database"
  sns_topic   = aws_sns_topic.alarms.arn
  source_type = "db-instance"
  source_ids  = [aws_db_instance.main.identifier]
  # A configuration change is also what RDS calls a new password, should CloudTrail not be on.
  event_categories = ["availability", "configuration change", "failover", "failure", "low storage", "maintenance", "recovery"]

  depends_on = [aws_sns_topic_policy.alarms]
}

# Counts what carries our Environment tag; switch the tag on once under Billing, Cost allocation tags.
resource "aws_budgets_budget" "monthly" {
  name         = local.prefix
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_unit   = "USD"
  limit_amount = tostring(var.monthly_budget_usd)

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:Environment$%s", var.environment)]
  }

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      notification_type         = notification.key
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
    }
  }
}
