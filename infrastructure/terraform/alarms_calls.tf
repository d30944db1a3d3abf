# What callers notice, from the figures that the API publishes itself (README.md lists them).

locals {
  call_dimensions = { Service = "${local.prefix}-api" }

  call_alarms = {
    caller-heard-latency-high = {
      namespace  = local.metric_namespace, metric = "CallerHeardLatency", statistic = "p95", period = 300, periods = 2
      dimensions = local.call_dimensions
      operator   = local.above, threshold = 2000, missing = "notBreaching"
      text       = "One caller in twenty waits more than 2 s for an answer: see which stage, and its vendor"
    }
    call-setup-failures = {
      namespace  = local.metric_namespace, metric = "CallSetupFailures", statistic = "Sum", period = 300, periods = 1
      dimensions = local.call_dimensions
      operator   = local.above, threshold = 5, missing = "notBreaching"
      text       = "More than 5 calls within 5 minutes never got their sound"
    }
    late-frames = {
      namespace  = local.metric_namespace, metric = "LateFrames", statistic = "Sum", period = 300, periods = 3
      dimensions = local.call_dimensions
      operator   = local.above, threshold = 0, missing = "notBreaching"
      text       = "Sound leaves late for 15 minutes: tasks have too little to spare, lower api_target_calls_per_task"
    }
    vendor-errors = {
      namespace  = local.metric_namespace, metric = "VendorErrors", statistic = "Sum", period = 300, periods = 1
      dimensions = local.call_dimensions
      operator   = local.above, threshold = 10, missing = "notBreaching"
      text       = "A vendor failed more than 10 times within 5 minutes"
    }
    recordings-waiting = {
      namespace  = local.metric_namespace, metric = "SpoolFiles", statistic = "Maximum", period = 300, periods = 6
      dimensions = local.call_dimensions
      operator   = local.above, threshold = 50, missing = "notBreaching"
      text       = "Recordings have been waiting for S3 for half an hour; a task that stops takes them along"
    }
  }
}

# A rate of few calls says nothing: below 20 ended ones it is taken as none.
resource "aws_cloudwatch_metric_alarm" "call_failures" {
  alarm_name          = "${local.prefix}-call-failure-rate-high"
  alarm_description   = "More than 5 % of the calls ended with an error within 10 minutes"
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "rate"
    label       = "% of calls"
    expression  = "IF(ended >= 20, 100 * FILL(failed, 0) / ended, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { ended = "CallsEnded", failed = "CallsFailed" }

    content {
      id = metric_query.key

      metric {
        namespace   = local.metric_namespace
        metric_name = metric_query.value
        dimensions  = local.call_dimensions
        stat        = "Sum"
        period      = 600
      }
    }
  }
}
