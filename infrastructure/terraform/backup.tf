# A second set of backups that does not go away with the database: RDS' own are for going back to any second of the last
# days, these for the day on which somebody deletes the instance.

resource "aws_backup_vault" "main" {
  count = var.backup_vault_enabled ? 1 : 0

  name          = local.prefix
  kms_key_arn   = aws_kms_key.main.arn
  force_destroy = var.force_destroy
}

resource "aws_backup_plan" "main" {
  count = var.backup_vault_enabled ? 1 : 0

  name = local.prefix

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.main[0].name
    schedule          = "cron(0 9 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = var.db_backup_days
    }

    # In another region, or better another account.
    dynamic "copy_action" {
      for_each = var.backup_copy_vault_arn == null ? [] : [var.backup_copy_vault_arn]

      content {
        destination_vault_arn = copy_action.value

        lifecycle {
          delete_after = var.db_backup_days
        }
      }
    }
  }
}

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "backup" {
  count = var.backup_vault_enabled ? 1 : 0

  name               = "${local.prefix}-backup"
  assume_role_policy = data.aws_iam_policy_document.backup_trust.json
}

resource "aws_iam_role_policy_attachment" "backup" {
  count = var.backup_vault_enabled ? 1 : 0

  role       = aws_iam_role.backup[0].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
}

resource "aws_backup_selection" "database" {
  count = var.backup_vault_enabled ? 1 : 0

  name         = "database"
  plan_id      = aws_backup_plan.main[0].id
  iam_role_arn = aws_iam_role.backup[0].arn
  resources    = [aws_db_instance.main.arn]
}
