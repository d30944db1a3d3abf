# Execution roles start a task (image, log, secrets); task roles are what the program inside may do. The Web needs neither
# secrets nor AWS, so it shares nothing with the API.

data "aws_iam_policy_document" "tasks_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:ecs:${var.region}:${local.account_id}:*"]
    }
  }
}

resource "aws_iam_role" "execution_api" {
  name               = "${local.prefix}-execution-api"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role" "execution_web" {
  name               = "${local.prefix}-execution-web"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role" "task_api" {
  name               = "${local.prefix}-task-api"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role" "task_web" {
  name               = "${local.prefix}-task-web"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role" "task_migrations" {
  name               = "${local.prefix}-task-migrations"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}

data "aws_iam_policy_document" "execution" {
  for_each = {
    api = ["api", "migrations"]
    web = ["web"]
  }

  statement {
    sid       = "LogInToTheRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "PullTheImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    resources = [aws_ecr_repository.service[each.key].arn]
  }

  statement {
    sid       = "WriteTheLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in each.value : "${aws_cloudwatch_log_group.service[group].arn}:*"]
  }
}

data "aws_iam_policy_document" "execution_api" {
  source_policy_documents = [data.aws_iam_policy_document.execution["api"].json]

  statement {
    sid       = "ReadItsSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.api_secret_arns
  }

  statement {
    sid       = "DecryptItsSecrets"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.main.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "execution_api" {
  name   = "start-api"
  role   = aws_iam_role.execution_api.id
  policy = data.aws_iam_policy_document.execution_api.json
}

resource "aws_iam_role_policy" "execution_web" {
  name   = "start-web"
  role   = aws_iam_role.execution_web.id
  policy = data.aws_iam_policy_document.execution["web"].json
}

data "aws_iam_policy_document" "task_api" {
  statement {
    sid       = "Recordings"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = ["${aws_s3_bucket.recordings.arn}/recordings/*"]
  }

  statement {
    sid       = "EncryptRecordings"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.main.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }

  # A task with live calls asks not to be stopped by a deployment or a scale-in.
  statement {
    sid       = "ProtectItselfWhileCallsLive"
    actions   = ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:task/${aws_ecs_cluster.main.name}/*"]
  }
}

resource "aws_iam_role_policy" "task_api" {
  name   = "serve-calls"
  role   = aws_iam_role.task_api.id
  policy = data.aws_iam_policy_document.task_api.json
}
