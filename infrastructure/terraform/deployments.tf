# Who deployed what, and the lock against two deployments at a time. The lock is the item with release "LOCK"; it carries
# an expiry, so that a deployer that died does not lock everybody out.

resource "aws_dynamodb_table" "deployments" {
  name                        = "${local.prefix}-deployments"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "environment"
  range_key                   = "release"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "environment"
    type = "S"
  }

  attribute {
    name = "release"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }
}
