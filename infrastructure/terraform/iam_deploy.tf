# What scripts/deploy.sh and rollback.sh need and no more: take and push images, register revisions, run migrations, update the two
# services, read logs and health. Taken by people (deploy_principals) and by GitHub Actions without any stored key (OIDC).

locals {
  oidc_enabled = var.github_repository != null
  oidc_host    = "token.actions.githubusercontent.com"
  oidc_arn     = "arn:aws:iam::${local.account_id}:oidc-provider/${local.oidc_host}"

  service_arns = [
    for name in ["api", "web"] :
    "arn:aws:ecs:${var.region}:${local.account_id}:service/${aws_ecs_cluster.main.name}/${local.prefix}-${name}"
  ]
  task_definition_arns = [
    for name in ["api", "web", "migrations"] :
    "arn:aws:ecs:${var.region}:${local.account_id}:task-definition/${local.prefix}-${name}:*"
  ]
}

# An account has one provider for GitHub; the second environment in it sets github_oidc_provider_exists.
resource "aws_iam_openid_connect_provider" "github" {
  count = local.oidc_enabled && !var.github_oidc_provider_exists ? 1 : 0

  url            = "https://${local.oidc_host}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "deploy_trust" {
  statement {
    sid     = "People"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = coalescelist(var.deploy_principals, ["arn:aws:iam::${local.account_id}:root"])
    }
  }

  # Only jobs of this environment, which GitHub starts after its approval.
  dynamic "statement" {
    for_each = local.oidc_enabled ? [1] : []

    content {
      sid     = "GitHubActions"
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [local.oidc_arn]
      }

      condition {
        test     = "StringEquals"
        variable = "${local.oidc_host}:aud"
        values   = ["sts.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "${local.oidc_host}:sub"
        values   = ["repo:${var.github_repository}:environment:${var.environment}"]
      }
    }
  }
}

resource "aws_iam_role" "deploy" {
  name                 = "${local.prefix}-deploy"
  assume_role_policy   = data.aws_iam_policy_document.deploy_trust.json
  max_session_duration = 7200

  depends_on = [aws_iam_openid_connect_provider.github]
}

data "aws_iam_policy_document" "deploy" {
  # These know no resources.
  statement {
    sid = "LookAround"
    actions = [
      "ecr:GetAuthorizationToken",
      "ecs:DescribeTaskDefinition",
      "ecs:ListTaskDefinitions",
      "ecs:DeregisterTaskDefinition",
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
      "cloudwatch:DescribeAlarms",
      "servicequotas:GetServiceQuota",
      "application-autoscaling:DescribeScalableTargets",
    ]
    resources = ["*"]
  }

  statement {
    sid = "PushImages"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:DescribeImageScanFindings",
      "ecr:DescribeRepositories",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [for repository in aws_ecr_repository.service : repository.arn]
  }

  # Production takes the images that staging has tried, and may do no more there than look and pull.
  dynamic "statement" {
    for_each = var.environment == "production" ? [1] : []

    content {
      sid     = "TakeWhatStagingTried"
      actions = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
      resources = [
        for name in ["api", "web"] :
        "arn:aws:ecr:${var.region}:${local.account_id}:repository/retell-${local.short_names["staging"]}/${name}"
      ]
    }
  }

  statement {
    sid       = "RegisterRevisions"
    actions   = ["ecs:RegisterTaskDefinition", "ecs:TagResource"]
    resources = local.task_definition_arns
  }

  statement {
    sid       = "UpdateServices"
    actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
    resources = local.service_arns
  }

  statement {
    sid = "FollowDeployments"
    actions = [
      "ecs:DescribeServiceDeployments",
      "ecs:DescribeServiceRevisions",
      "ecs:ListServiceDeployments",
      "ecs:StopServiceDeployment",
    ]
    resources = concat(local.service_arns, [
      for kind in ["service-deployment", "service-revision"] :
      "arn:aws:ecs:${var.region}:${local.account_id}:${kind}/${aws_ecs_cluster.main.name}/*"
    ])
  }

  statement {
    sid       = "DescribeTheCluster"
    actions   = ["ecs:DescribeClusters"]
    resources = [aws_ecs_cluster.main.arn]
  }

  statement {
    sid       = "RunMigrations"
    actions   = ["ecs:RunTask"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:task-definition/${local.prefix}-migrations:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.main.arn]
    }
  }

  statement {
    sid       = "FollowTasks"
    actions   = ["ecs:DescribeTasks", "ecs:GetTaskProtection", "ecs:StopTask", "ecs:TagResource"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:task/${aws_ecs_cluster.main.name}/*"]
  }

  # Knows a resource only where tasks have machines of their own, so the cluster is its bound.
  statement {
    sid       = "ListTasks"
    actions   = ["ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.main.arn]
    }
  }

  statement {
    sid     = "HandRolesToTasks"
    actions = ["iam:PassRole"]
    resources = [
      aws_iam_role.execution_api.arn,
      aws_iam_role.execution_web.arn,
      aws_iam_role.task_api.arn,
      aws_iam_role.task_web.arn,
      aws_iam_role.task_migrations.arn,
    ]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid       = "ReadLogs"
    actions   = ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:DescribeLogStreams", "logs:StartLiveTail"]
    resources = flatten([for group in aws_cloudwatch_log_group.service : [group.arn, "${group.arn}:*"]])
  }

  # That they are there, not what they are.
  statement {
    sid       = "SeeThatSecretsExist"
    actions   = ["secretsmanager:DescribeSecret"]
    resources = local.api_secret_arns
  }

  statement {
    sid       = "LockAndRecordOfDeployments"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.deployments.arn]
  }
}

resource "aws_iam_role_policy" "deploy" {
  name   = "deploy"
  role   = aws_iam_role.deploy.id
  policy = data.aws_iam_policy_document.deploy.json
}
