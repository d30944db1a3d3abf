# What all tasks share: recently used agents and keys, and the count of calls. Nothing in it is missed when it is lost.

resource "aws_elasticache_subnet_group" "main" {
  name       = local.prefix
  subnet_ids = aws_subnet.database[*].id
}

resource "aws_elasticache_parameter_group" "main" {
  name        = "${local.prefix}-redis7"
  family      = "redis7"
  description = "A full cache forgets what was not used for longest"

  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_elasticache_replication_group" "main" {
  replication_group_id = local.prefix
  description          = "${local.prefix}: cache and counters of the API"
  engine               = "redis"
  engine_version       = "7.1"
  node_type            = var.redis_node_type
  num_cache_clusters   = var.redis_nodes
  port                 = 6379

  # Both need a second node.
  automatic_failover_enabled = var.redis_nodes > 1
  multi_az_enabled           = var.redis_nodes > 1

  subnet_group_name    = aws_elasticache_subnet_group.main.name
  security_group_ids   = [aws_security_group.redis.id]
  parameter_group_name = aws_elasticache_parameter_group.main.name

  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.main.arn
  transit_encryption_enabled = true
  auth_token                 = aws_secretsmanager_secret_version.generated["redis-auth-token"].secret_string
  auth_token_update_strategy = var.redis_token_update

  snapshot_retention_limit   = 1
  snapshot_window            = "05:00-06:00"
  maintenance_window         = "sun:08:30-sun:09:30"
  auto_minor_version_upgrade = true
  apply_immediately          = false
}
