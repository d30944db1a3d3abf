# The guide's five figures on top, the calls' own below.

locals {
  alb_dimension  = ["LoadBalancer", aws_lb.main.arn_suffix]
  api_dimensions = concat(local.alb_dimension, ["TargetGroup", aws_lb_target_group.api.arn_suffix])
  ecs_dimensions = { for name in ["api", "web"] : name => ["ClusterName", aws_ecs_cluster.main.name, "ServiceName", "${local.prefix}-${name}"] }
  rds_dimension  = ["DBInstanceIdentifier", aws_db_instance.main.identifier]
  redis_node     = ["CacheClusterId", "${local.prefix}-001"]
  call_dimension = ["Service", "${local.prefix}-api"]

  dashboard_widgets = [
    {
      title   = "API Latency P95"
      metrics = [concat(["AWS/ApplicationELB", "TargetResponseTime"], local.api_dimensions, [{ stat = "p95", label = "P95" }])]
    },
    {
      title = "API Error Rate"
      metrics = [
        [{ expression = "100 * FILL(errors, 0) / requests", label = "% of requests", id = "rate" }],
        concat(["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"], local.api_dimensions, [{ stat = "Sum", id = "errors", visible = false }]),
        concat(["AWS/ApplicationELB", "RequestCount"], local.api_dimensions, [{ stat = "Sum", id = "requests", visible = false }]),
      ]
    },
    {
      title = "ECS CPU/Memory Utilization"
      metrics = flatten([for name, dimensions in local.ecs_dimensions : [
        for metric in ["CPUUtilization", "MemoryUtilization"] :
        { row = concat(["AWS/ECS", metric], dimensions, [{ stat = "Average", label = "${name} ${metric}" }]) }
      ]])[*].row
    },
    {
      title   = "RDS Connections"
      metrics = [concat(["AWS/RDS", "DatabaseConnections"], local.rds_dimension, [{ stat = "Maximum" }])]
    },
    {
      title = "Redis Hit Rate"
      metrics = [
        [{ expression = "100 * hits / (hits + misses)", label = "% of lookups", id = "rate" }],
        concat(["AWS/ElastiCache", "CacheHits"], local.redis_node, [{ stat = "Sum", id = "hits", visible = false }]),
        concat(["AWS/ElastiCache", "CacheMisses"], local.redis_node, [{ stat = "Sum", id = "misses", visible = false }]),
      ]
    },
    {
      title = "Live calls"
      metrics = [
        concat([local.metric_namespace, "LiveCalls"], local.call_dimension, [{ stat = "Sum", period = 60, label = "all tasks" }]),
        concat([local.metric_namespace, "LiveCalls"], local.call_dimension, [{ stat = "Average", period = 60, label = "a task" }]),
      ]
    },
    {
      title = "Setup failures"
      metrics = [
        concat([local.metric_namespace, "CallSetupFailures"], local.call_dimension, [{ stat = "Sum", label = "never got their sound" }]),
        concat([local.metric_namespace, "CallsFailed"], local.call_dimension, [{ stat = "Sum", label = "ended with an error" }]),
      ]
    },
    {
      title = "Caller-heard latency"
      metrics = [for stat in ["p50", "p95", "p99"] :
        concat([local.metric_namespace, "CallerHeardLatency"], local.call_dimension, [{ stat = stat, label = "${stat} ms" }])
      ]
    },
    {
      title   = "Late frames"
      metrics = [concat([local.metric_namespace, "LateFrames"], local.call_dimension, [{ stat = "Sum" }])]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "main" {
  dashboard_name = local.prefix

  dashboard_body = jsonencode({
    widgets = [for index, widget in local.dashboard_widgets : {
      type   = "metric"
      x      = 8 * (index % 3)
      y      = 6 * floor(index / 3)
      width  = 8
      height = 6
      properties = {
        title   = widget.title
        region  = var.region
        view    = "timeSeries"
        stacked = false
        period  = 300
        metrics = widget.metrics
      }
    }]
  })
}
