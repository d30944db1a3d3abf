# The API. Terraform makes the first revision, of the image "latest"; from then on scripts/deploy.sh registers revisions
# that are pinned to a digest, beginning with the newest one of the family, so that changes made here ride along.

locals {
  # The product's own settings; see docs/configuration.md.
  api_environment = merge(
    {
      RETELL_SERVER_HOST         = "0.0.0.0"
      RETELL_SERVER_PORT         = tostring(local.api_port)
      RETELL_SERVER_PUBLIC_URL   = "https://${local.api_host}"
      RETELL_SERVER_CORS_ORIGINS = "https://${local.app_host}"
      RETELL_SERVER_PROXIES      = "1"
      RETELL_LOG_FORMAT          = "json"
      RETELL_DATA_DIR            = local.data_dir
      RETELL_STOP_SECONDS        = tostring(local.stop_timeout_seconds)
      RETELL_DEMO                = "false"

      RETELL_LIMITS_MAX_CONCURRENT_CALLS = tostring(var.api_max_calls_per_task)

      RETELL_CACHE_URL             = "rediss://${aws_elasticache_replication_group.main.primary_endpoint_address}:6379/0"
      RETELL_RECORDINGS_STORE      = "s3://${aws_s3_bucket.recordings.id}/recordings"
      RETELL_RECORDINGS_REGION     = var.region
      RETELL_RECORDINGS_ENCRYPTION = "aws:kms"
      RETELL_RECORDINGS_KMS_KEY_ID = aws_kms_key.main.arn

      # Names that AWS gave the embedded metric format: with them the API writes its own figures into its log, where
      # CloudWatch finds them. README.md lists them.
      AWS_EMF_NAMESPACE    = local.metric_namespace
      AWS_EMF_SERVICE_NAME = "${local.prefix}-api"
    },
    local.database_environment,
    {
      for name, value in {
        RETELL_TWILIO_ACCOUNT_SID = var.twilio_account_sid
        # Read by the image's entry point.
        CONTAINER_MODELS = var.api_local_models
      } : name => value if value != ""
    },
    var.api_environment,
  )

  # The server reads the password by itself, so that it is in no address and in no log.
  database_environment = {
    RETELL_DATABASE_URL = "postgres://${local.database_user}@${aws_db_instance.main.endpoint}/${local.database_name}?sslmode=verify-full&sslrootcert=${var.database_ca_file}"
  }

  data_dir             = "/var/lib/retell"
  stop_timeout_seconds = 120
  metric_namespace     = "Retell"
}

resource "aws_ecs_task_definition" "api" {
  family                   = "${local.prefix}-api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.api_cpu
  memory                   = var.api_memory
  execution_role_arn       = aws_iam_role.execution_api.arn
  task_role_arn            = aws_iam_role.task_api.arn
  skip_destroy             = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  # Recordings wait here on their way to S3.
  ephemeral_storage {
    size_in_gib = var.api_ephemeral_gib
  }

  volume {
    name = "data"
  }

  volume {
    name = "tmp"
  }

  container_definitions = jsonencode([{
    name                   = "api"
    image                  = "${aws_ecr_repository.service["api"].repository_url}:latest"
    essential              = true
    command                = ["serve"]
    cpu                    = var.api_cpu
    memory                 = var.api_memory
    user                   = local.container_user
    readonlyRootFilesystem = true
    stopTimeout            = local.stop_timeout_seconds
    portMappings           = [{ containerPort = local.api_port, hostPort = local.api_port, protocol = "tcp" }]
    environment            = [for name, value in local.api_environment : { name = name, value = value }]
    secrets                = [for name, arn in local.api_secrets : { name = name, valueFrom = arn }]
    ulimits                = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]
    linuxParameters        = { initProcessEnabled = true, capabilities = { add = [], drop = ["ALL"] } }
    systemControls         = []
    volumesFrom            = []

    mountPoints = [
      { sourceVolume = "data", containerPath = local.data_dir, readOnly = false },
      { sourceVolume = "tmp", containerPath = "/tmp", readOnly = false },
    ]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.service["api"].name
        awslogs-region        = var.region
        awslogs-stream-prefix = "api"
        mode                  = "non-blocking"
        max-buffer-size       = "25m"
      }
    }
  }])

  lifecycle {
    precondition {
      condition     = contains(lookup(local.fargate_memory, var.api_cpu, []), var.api_memory)
      error_message = "Fargate has no task of ${var.api_cpu} CPU units and ${var.api_memory} MiB for the API."
    }
  }
}

resource "aws_ecs_service" "api" {
  name                               = "${local.prefix}-api"
  cluster                            = aws_ecs_cluster.main.id
  task_definition                    = aws_ecs_task_definition.api.arn
  desired_count                      = var.api_min_tasks
  platform_version                   = "LATEST"
  deployment_minimum_healthy_percent = 100
  # Tasks that hold calls are protected and count: at 200 a second deployment within the hour found no room for a single new
  # task while the calls of the first one's predecessors went on. Fargate's vCPU quota must have room for it: deploy.sh looks.
  deployment_maximum_percent = 300
  # Some hundred megabytes of models take minutes to come.
  health_check_grace_period_seconds = var.api_local_models == "" ? 60 : 900
  enable_execute_command            = false
  enable_ecs_managed_tags           = true
  propagate_tags                    = "SERVICE"

  # Evening out zones means stopping tasks that talk.
  availability_zone_rebalancing = "DISABLED"

  # A live call does not survive the two minutes' notice of Spot, so the API runs on FARGATE alone. Whatever changes here
  # replaces the service, calls and all: no number in it may come from a variable.
  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }

  network_configuration {
    subnets          = aws_subnet.private[*].id
    security_groups  = [aws_security_group.api.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.api.arn
    container_name   = "api"
    container_port   = local.api_port
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  alarms {
    enable      = true
    rollback    = true
    alarm_names = local.deployment_alarm_names
  }

  # Revisions belong to deploy.sh and rollback.sh, the count to autoscaling.
  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }

  depends_on = [aws_lb_listener_rule.host, aws_ecs_cluster_capacity_providers.main, aws_iam_role_policy.execution_api]
}
