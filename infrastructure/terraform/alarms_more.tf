# What the guide's table leaves out. One row an alarm: what is measured, when it is too much, and what to think of first.

locals {
  # How many connections all tasks can have open at once, three times as many of them as usual while deployments go on.
  database_connections_max = var.api_max_tasks * 3 * 16

  above = "GreaterThanThreshold"
  below = "LessThanThreshold"

  service_alarms = merge(
    {
      for name in ["api", "web"] : "${name}-memory-high" => {
        namespace  = "AWS/ECS", metric = "MemoryUtilization", statistic = "Average", period = 300, periods = 2
        dimensions = { ClusterName = aws_ecs_cluster.main.name, ServiceName = "${local.prefix}-${name}" }
        operator   = local.above, threshold = 80, missing = "notBreaching"
        text       = "Memory above 80 % for 10 minutes: a task that has none left is killed with its calls"
      }
    },
    {
      for name, group in { api = aws_lb_target_group.api, web = aws_lb_target_group.web } : "${name}-unhealthy-hosts" => {
        namespace              = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum", period = 60, periods = 3
        dimensions             = { LoadBalancer = aws_lb.main.arn_suffix, TargetGroup = group.arn_suffix }
        operator               = local.above, threshold = 0, missing = "notBreaching"
        text                   = "A task has failed its health check for 3 minutes"
      }
    },
    {
      for name, service in {
        api = { group = aws_lb_target_group.api, min = var.api_min_tasks }
        web = { group = aws_lb_target_group.web, min = var.web_min_tasks }
        } : "${name}-too-few-hosts" => {
        namespace  = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Minimum", period = 60, periods = 5
        dimensions = { LoadBalancer = aws_lb.main.arn_suffix, TargetGroup = service.group.arn_suffix }
        operator   = local.below, threshold = service.min, missing = "breaching"
        text       = "Fewer healthy tasks than the minimum for 5 minutes"
      }
    },
  )

  database_alarms = {
    rds-storage-low = {
      namespace  = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum", period = 300, periods = 2
      dimensions = { DBInstanceIdentifier = aws_db_instance.main.identifier }
      operator   = local.below, threshold = 10 * 1024 * 1024 * 1024, missing = "breaching"
      text       = "Less than 10 GiB free although storage grows by itself: has it reached its maximum?"
    }
    rds-connections-high = {
      namespace  = "AWS/RDS", metric = "DatabaseConnections", statistic = "Maximum", period = 300, periods = 2
      dimensions = { DBInstanceIdentifier = aws_db_instance.main.identifier }
      operator   = local.above, threshold = local.database_connections_max, missing = "notBreaching"
      text       = "More connections than our tasks can have: who else is connected?"
    }
    rds-memory-low = {
      namespace  = "AWS/RDS", metric = "FreeableMemory", statistic = "Minimum", period = 300, periods = 3
      dimensions = { DBInstanceIdentifier = aws_db_instance.main.identifier }
      operator   = local.below, threshold = 256 * 1024 * 1024, missing = "notBreaching"
      text       = "Less than 256 MiB of memory left"
    }
  }

  redis_alarms = merge([
    for node in range(var.redis_nodes) : {
      for name, alarm in {
        memory-high = { metric = "DatabaseMemoryUsagePercentage", statistic = "Maximum", threshold = 80, text = "Redis memory above 80 %" }
        evictions   = { metric = "Evictions", statistic = "Sum", threshold = 0, text = "Redis throws out what is still in use: it is too small" }
        lag-high    = { metric = "ReplicationLag", statistic = "Maximum", threshold = 10, text = "A replica of Redis is more than 10 s behind" }
        cpu-high    = { metric = "EngineCPUUtilization", statistic = "Average", threshold = 80, text = "Redis' one thread is above 80 %" }
        } : format("redis-%03d-%s", node + 1, name) => {
        namespace  = "AWS/ElastiCache", metric = alarm.metric, statistic = alarm.statistic, period = 300, periods = 2
        dimensions = { CacheClusterId = format("%s-%03d", local.prefix, node + 1) }
        operator   = local.above, threshold = alarm.threshold, missing = "notBreaching"
        text       = alarm.text
      }
    }
  ]...)

  nat_alarms = {
    for index, gateway in aws_nat_gateway.main : "nat-${index + 1}-no-ports" => {
      namespace  = "AWS/NATGateway", metric = "ErrorPortAllocation", statistic = "Sum", period = 300, periods = 1
      dimensions = { NatGatewayId = gateway.id }
      operator   = local.above, threshold = 0, missing = "notBreaching"
      text       = "Connections to vendors fail: too many at once to one address"
    }
  }

  certificate_alarms = {
    for name in local.https ? ["certificate-expires"] : [] : name => {
      namespace  = "AWS/CertificateManager", metric = "DaysToExpiry", statistic = "Minimum", period = 86400, periods = 1
      dimensions = { CertificateArn = local.certificate_arn }
      operator   = local.below, threshold = 30, missing = "notBreaching"
      text       = "The certificate ends within 30 days: are its validation records still there?"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "more" {
  for_each = merge(
    local.service_alarms, local.database_alarms, local.redis_alarms, local.nat_alarms, local.certificate_alarms,
    local.call_alarms,
  )

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic == "p95" ? null : each.value.statistic
  extended_statistic  = each.value.statistic == "p95" ? "p95" : null
  period              = each.value.period
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.operator
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# What the scheduler wants and what there is, where Container Insights counts it.
resource "aws_cloudwatch_metric_alarm" "tasks_missing" {
  for_each = var.container_insights ? toset(["api", "web"]) : toset([])

  alarm_name          = "${local.prefix}-${each.key}-tasks-missing"
  alarm_description   = "Fewer tasks run than are wanted, for 10 minutes: see the service's events"
  evaluation_periods  = 10
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "missing"
    label       = "missing tasks"
    expression  = "desired - running"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { desired = "DesiredTaskCount", running = "RunningTaskCount" }

    content {
      id = metric_query.key

      metric {
        namespace   = "ECS/ContainerInsights"
        metric_name = metric_query.value
        dimensions  = { ClusterName = aws_ecs_cluster.main.name, ServiceName = "${local.prefix}-${each.key}" }
        stat        = "Average"
        period      = 60
      }
    }
  }
}
