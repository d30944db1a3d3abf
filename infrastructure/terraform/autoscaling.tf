resource "aws_appautoscaling_target" "service" {
  for_each = {
    api = { service = aws_ecs_service.api.name, min = var.api_min_tasks, max = var.api_max_tasks }
    web = { service = aws_ecs_service.web.name, min = var.web_min_tasks, max = var.web_max_tasks }
  }

  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${each.value.service}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
}

locals {
  load_targets = {
    api-cpu    = { service = "api", metric = "ECSServiceAverageCPUUtilization", target = 60 }
    api-memory = { service = "api", metric = "ECSServiceAverageMemoryUtilization", target = 75 }
    web-cpu    = { service = "web", metric = "ECSServiceAverageCPUUtilization", target = 60 }
    web-memory = { service = "web", metric = "ECSServiceAverageMemoryUtilization", target = 75 }
  }
}

resource "aws_appautoscaling_policy" "load" {
  for_each = local.load_targets

  name               = "${local.prefix}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.service[each.value.service].service_namespace
  resource_id        = aws_appautoscaling_target.service[each.value.service].resource_id
  scalable_dimension = aws_appautoscaling_target.service[each.value.service].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
    }
  }
}

# A call waits for vendors most of the time: a task is full of calls long before its processor is. Each task reports its
# own number every minute, so their average is the calls of one task.
resource "aws_appautoscaling_policy" "live_calls" {
  name               = "${local.prefix}-api-live-calls"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.service["api"].service_namespace
  resource_id        = aws_appautoscaling_target.service["api"].resource_id
  scalable_dimension = aws_appautoscaling_target.service["api"].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.api_target_calls_per_task
    scale_out_cooldown = 60

    # Tasks with live calls are protected and outlast a scale-in; going down slowly leaves the fewest of them waiting.
    scale_in_cooldown = 600

    customized_metric_specification {
      namespace   = local.metric_namespace
      metric_name = "LiveCalls"
      statistic   = "Average"

      dimensions {
        name  = "Service"
        value = "${local.prefix}-api"
      }
    }
  }
}
