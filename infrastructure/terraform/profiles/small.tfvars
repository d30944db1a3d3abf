# Production for about what the guide's table says: smaller classes, one NAT gateway, no copies of what RDS keeps anyway.
#   terraform apply -var-file=environments/production.tfvars -var-file=profiles/small.tfvars
# What it gives up: a lost zone may take the way out of all three along, and calls beyond some 200 at once.
nat_gateways     = 1
flow_log_traffic = "REJECT"

api_cpu                   = 1024
api_memory                = 2048
api_target_calls_per_task = 100
api_max_calls_per_task    = 200

db_instance_class    = "db.t4g.large"
db_storage_gib       = 50
backup_vault_enabled = false

redis_node_type = "cache.t4g.small"

container_insights = false
monthly_budget_usd = 650
