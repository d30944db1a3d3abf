resource "aws_lb" "main" {
  name                       = local.prefix
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = aws_subnet.public[*].id
  security_groups            = [aws_security_group.alb.id]
  enable_deletion_protection = var.deletion_protection
  drop_invalid_header_fields = true

  # Our WebSockets ping after 10 s of silence; long HTTP answers (model streams) may pause for longer. The API and nginx keep
  # idle connections for 320 s: who closes first must be the load balancer, or it sends into what is gone and answers 502.
  idle_timeout = 300

  access_logs {
    bucket  = aws_s3_bucket.access_logs.id
    prefix  = "alb"
    enabled = true
  }

  # The load balancer writes a test object when logging is switched on.
  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_lb_target_group" "api" {
  name        = "${local.prefix}-api"
  vpc_id      = aws_vpc.main.id
  target_type = "ip"
  protocol    = "HTTP"
  port        = local.api_port

  # A call is one WebSocket to one task, so a long goodbye lets calls end by themselves; it is over as soon as the last
  # connection is.
  deregistration_delay          = var.api_deregistration_seconds
  load_balancing_algorithm_type = "least_outstanding_requests"

  # /health and not /ready: ECS kills tasks that fail this check, protected ones too. /ready fails while the database is
  # away, so a failover of a minute would end every live call.
  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_target_group" "web" {
  name        = "${local.prefix}-web"
  vpc_id      = aws_vpc.main.id
  target_type = "ip"
  protocol    = "HTTP"
  port        = local.web_port

  # Below the two minutes' notice of Fargate Spot, or the load balancer would still send to a task that is gone.
  deregistration_delay = 60

  # Often, as a task that Spot takes away stays until the load balancer has noticed (RETELL_STOP_NOTICE_SECONDS).
  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 5
    timeout             = 4
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  protocol          = "HTTP"
  port              = 80

  dynamic "default_action" {
    for_each = local.https ? [1] : []

    content {
      type = "redirect"

      redirect {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }
  }

  dynamic "default_action" {
    for_each = local.https ? [] : [1]

    content {
      type = "fixed-response"

      fixed_response {
        content_type = "text/plain"
        status_code  = "503"
        message_body = "The certificate is not issued yet: see terraform output certificate_validation_records.\n"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count = local.https ? 1 : 0

  load_balancer_arn = aws_lb.main.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn   = local.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
      message_body = "No such host.\n"
    }
  }
}

locals {
  routes = {
    api = { host = local.api_host, target = aws_lb_target_group.api.arn, priority = 10 }
    web = { host = local.app_host, target = aws_lb_target_group.web.arn, priority = 20 }
  }
}

# Until the certificate is there, only the health routes are served without encryption: nothing secret passes, and the
# services, which ECS makes only behind a load balancer, can be made and deployed.
resource "aws_lb_listener_rule" "host" {
  for_each = local.routes

  listener_arn = local.https ? aws_lb_listener.https[0].arn : aws_lb_listener.http.arn
  priority     = each.value.priority

  action {
    type             = "forward"
    target_group_arn = each.value.target
  }

  condition {
    host_header {
      values = [each.value.host]
    }
  }

  dynamic "condition" {
    for_each = local.https ? [] : [1]

    content {
      path_pattern {
        values = ["/health"]
      }
    }
  }
}

# The call page's own small API and the sound of its calls go to the API at once, not through the Web: the address that
# the API sees is then the visitor's (RETELL_SERVER_PROXIES = 1, as for every other request), and sound takes no detour.
resource "aws_lb_listener_rule" "call_page" {
  count = local.https ? 1 : 0

  listener_arn = aws_lb_listener.https[0].arn
  priority     = 15

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }

  condition {
    host_header {
      values = [local.app_host]
    }
  }

  condition {
    path_pattern {
      values = ["/demo/*", "/media/web", "/media/web/*"]
    }
  }
}
