# Production for about what the guide's table says (scripts/cost.sh): smaller database and cache, one way out.
#   terraform apply -var-file=environments/production.tfvars -var-file=profiles/small.tfvars
# What it gives up: losing the zone of the NAT gateway cuts all three off from vendors, and bursts longer than the credits of
# the smaller classes slow the database down.
nat_gateways     = 1
flow_log_traffic = "REJECT"

db_instance_class    = "db.t4g.large"
backup_vault_enabled = false

redis_node_type = "cache.t4g.medium"

monthly_budget_usd = 700
