# The guide's three secrets are made by its CLI commands before the first apply. They are looked up here, never written:
# a value that Terraform knows lies in its state.
data "aws_secretsmanager_secret" "given" {
  for_each = toset(["jwt-secret", "retell-api-key", "twilio-auth-token"])

  name = "${local.short_name}/${each.key}"
}

# Vendors' keys and the like: variable api_secrets, a RETELL_ setting for the name of a secret.
data "aws_secretsmanager_secret" "extra" {
  for_each = var.api_secrets

  name = each.value
}

# Two values that nobody chooses are drawn here, once: the cache's token, and the key with which the API seals stored
# secrets and signs links, the same in every task. Losing the latter makes what it sealed unreadable. A new one is drawn by
# `apply -replace` of its version alone: a value put by hand Terraform would not give to Redis.
locals {
  generated_secrets = {
    redis-auth-token = "${local.prefix}: password of Redis"
    secret-key       = "${local.prefix}: seals stored secrets and signs links (RETELL_SECURITY_SECRET_KEY)"
  }
}

data "aws_secretsmanager_random_password" "generated" {
  for_each = local.generated_secrets

  password_length     = 64
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "generated" {
  for_each = local.generated_secrets

  name                    = "${local.short_name}/${each.key}"
  description             = each.value
  kms_key_id              = aws_kms_key.main.arn
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "generated" {
  for_each = local.generated_secrets

  secret_id     = aws_secretsmanager_secret.generated[each.key].id
  secret_string = data.aws_secretsmanager_random_password.generated[each.key].random_password

  # Every plan draws anew; what counts is the first.
  lifecycle {
    ignore_changes = [secret_string]
  }
}

locals {
  # setting of the API => where ECS takes its value from
  api_secrets = merge(
    {
      RETELL_SECURITY_JWT_SECRET = data.aws_secretsmanager_secret.given["jwt-secret"].arn
      RETELL_API_KEY             = data.aws_secretsmanager_secret.given["retell-api-key"].arn
      RETELL_TWILIO_AUTH_TOKEN   = data.aws_secretsmanager_secret.given["twilio-auth-token"].arn
      RETELL_SECURITY_SECRET_KEY = aws_secretsmanager_secret.generated["secret-key"].arn
      RETELL_CACHE_PASSWORD      = aws_secretsmanager_secret.generated["redis-auth-token"].arn
      RETELL_DATABASE_PASSWORD   = "${aws_db_instance.main.master_user_secret[0].secret_arn}:password::"
    },
    { for setting, secret in data.aws_secretsmanager_secret.extra : setting => secret.arn },
  )

  # The same without the selectors of single fields, for policies.
  api_secret_arns = concat(
    [for secret in data.aws_secretsmanager_secret.given : secret.arn],
    [for secret in data.aws_secretsmanager_secret.extra : secret.arn],
    [for secret in aws_secretsmanager_secret.generated : secret.arn],
    [aws_db_instance.main.master_user_secret[0].secret_arn],
  )
}
