# Staging: as production, but smaller. Workspace: terraform workspace select -or-create staging
environment = "staging"
domain_name = "retellai-mvp.com"

# network
nat_gateways = 1

# API
api_cpu                   = 1024
api_memory                = 2048
api_min_tasks             = 2
api_max_tasks             = 10
api_target_calls_per_task = 100
api_max_calls_per_task    = 200

# Web
web_min_tasks = 2
web_max_tasks = 6

# database
db_instance_class    = "db.t3.large"
db_multi_az          = false
db_backup_days       = 7
db_storage_gib       = 50
backup_vault_enabled = false

# cache
redis_node_type = "cache.t3.medium"
redis_nodes     = 1

# watching
container_insights = false
log_retention_days = 30
monthly_budget_usd = 600

# generated secrets may be made anew at once
secret_recovery_days = 7
