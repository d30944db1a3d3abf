# Run once by deploy.sh before the services, in the new image; its exit code decides whether they follow.

resource "aws_ecs_task_definition" "migrations" {
  family                   = "${local.prefix}-migrations"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  execution_role_arn       = aws_iam_role.execution_api.arn
  task_role_arn            = aws_iam_role.task_migrations.arn
  skip_destroy             = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  volume {
    name = "data"
  }

  volume {
    name = "tmp"
  }

  container_definitions = jsonencode([{
    name                   = "migrations"
    image                  = "${aws_ecr_repository.service["api"].repository_url}:latest"
    essential              = true
    cpu                    = 512
    memory                 = 1024
    command                = ["migrate", "up"]
    user                   = local.container_user
    readonlyRootFilesystem = true
    stopTimeout            = local.stop_timeout_seconds
    linuxParameters        = { initProcessEnabled = true, capabilities = { add = [], drop = ["ALL"] } }
    portMappings           = []
    systemControls         = []
    volumesFrom            = []

    environment = [for name, value in merge(local.database_environment, {
      RETELL_DATA_DIR   = local.data_dir
      RETELL_LOG_FORMAT = "json"
    }) : { name = name, value = value }]

    # The home that `retell migrate up` opens needs the key that seals stored secrets, or it would draw one of its own.
    secrets = [for name in ["RETELL_DATABASE_PASSWORD", "RETELL_SECURITY_SECRET_KEY"] : {
      name      = name
      valueFrom = local.api_secrets[name]
    }]

    mountPoints = [
      { sourceVolume = "data", containerPath = local.data_dir, readOnly = false },
      { sourceVolume = "tmp", containerPath = "/tmp", readOnly = false },
    ]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.service["migrations"].name
        awslogs-region        = var.region
        awslogs-stream-prefix = "migrations"
      }
    }
  }])
}
