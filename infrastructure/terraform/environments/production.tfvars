# Production, as in docs/DEPLOYMENT.md. The default workspace holds it.
environment = "production"
domain_name = "retellai-mvp.com"

# network
nat_gateways     = 3
flow_log_traffic = "ALL"

# API: 2 processors carry some 500 calls whose vendors are remote
api_cpu                   = 2048
api_memory                = 4096
api_min_tasks             = 2
api_max_tasks             = 10
api_target_calls_per_task = 250
api_max_calls_per_task    = 500

# Web
web_min_tasks = 2
web_max_tasks = 6

# database
db_instance_class    = "db.r6g.xlarge"
db_multi_az          = true
db_backup_days       = 30
backup_vault_enabled = true

# cache
redis_node_type = "cache.r6g.large"
redis_nodes     = 2

# watching
container_insights = true
log_retention_days = 30
monthly_budget_usd = 2000
