# The Web: static files behind nginx. It holds no state and no secrets, so most of it runs on Spot.

locals {
  web_environment = merge(
    {
      RETELL_API_URL = "https://${local.api_host}"
      # Spot's signal comes while the load balancer still sends visitors: three checks, 5 s apart, and a little more.
      RETELL_STOP_NOTICE_SECONDS = "20"
    },
    var.web_environment,
  )

  container_user = "10001:10001"
}

resource "aws_ecs_task_definition" "web" {
  family                   = "${local.prefix}-web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.web_cpu
  memory                   = var.web_memory
  execution_role_arn       = aws_iam_role.execution_web.arn
  task_role_arn            = aws_iam_role.task_web.arn
  skip_destroy             = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  # nginx keeps its pid and buffers here, and the file that names the API.
  volume {
    name = "tmp"
  }

  container_definitions = jsonencode([{
    name                   = "web"
    image                  = "${aws_ecr_repository.service["web"].repository_url}:latest"
    essential              = true
    cpu                    = var.web_cpu
    memory                 = var.web_memory
    user                   = local.container_user
    readonlyRootFilesystem = true
    stopTimeout            = 90 # the notice, and the minute in which nginx finishes its answers
    portMappings           = [{ containerPort = local.web_port, hostPort = local.web_port, protocol = "tcp" }]
    environment            = [for name, value in local.web_environment : { name = name, value = value }]
    linuxParameters        = { initProcessEnabled = true, capabilities = { add = [], drop = ["ALL"] } }
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    systemControls         = []
    volumesFrom            = []

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.service["web"].name
        awslogs-region        = var.region
        awslogs-stream-prefix = "web"
      }
    }
  }])

  lifecycle {
    precondition {
      condition     = contains(lookup(local.fargate_memory, var.web_cpu, []), var.web_memory)
      error_message = "Fargate has no task of ${var.web_cpu} CPU units and ${var.web_memory} MiB for the Web."
    }
  }
}

resource "aws_ecs_service" "web" {
  name                               = "${local.prefix}-web"
  cluster                            = aws_ecs_cluster.main.id
  task_definition                    = aws_ecs_task_definition.web.arn
  desired_count                      = var.web_min_tasks
  platform_version                   = "LATEST"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 30
  enable_execute_command             = false
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"

  # One task stays when Spot is short of machines. A change here replaces the service, so the number is not a variable.
  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 0
  }

  capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 1
  }

  network_configuration {
    subnets          = aws_subnet.private[*].id
    security_groups  = [aws_security_group.web.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "web"
    container_port   = local.web_port
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }

  depends_on = [aws_lb_listener_rule.host, aws_ecs_cluster_capacity_providers.main, aws_iam_role_policy.execution_web]
}
