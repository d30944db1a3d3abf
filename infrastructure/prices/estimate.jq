# What a month costs. Input: prices. $size: the sizes of an environment, from its tfvars; $calls: calls at once; $hours: for
# how many hours of the month. Output: {lines: {name: USD}, total, minutes, tasks, archive_month}.

# A call's traffic in GiB a minute: 20 ms frames of G.711 in base64 and JSON to and from the carrier, linear sound to the
# transcriber and from the voice, and what is kept of it (two channels of 16 bit at 8 kHz).
def carrier_out: 0.0008;
def carrier_in: 0.0008;
def vendors_out: 0.0009;
def vendors_in: 0.0009;
def recording: 0.0018;

# Everything that an idle environment moves and logs anyway.
def idle_out_gib: 20;
def idle_log_gib: 5;

def clamp($low; $high): if . < $low then $low elif . > $high then $high else . end;
def of($prices): . as $class | $prices[$class] // error("no price for \($class) in the list");
def round2: . * 100 | round / 100;

. as $p
| $size as $s
| $p.hours_per_month as $month
| ($calls * $hours * 60) as $minutes
| (($calls / $s.api_target_calls_per_task) | ceil | clamp($s.api_min_tasks; $s.api_max_tasks)) as $tasks
| def task_hour($cpu; $memory; $disk):
    ($cpu / 1024 * $p.fargate.vcpu_hour) + ($memory / 1024 * $p.fargate.gib_hour)
    + ([$disk - $p.fargate.free_disk_gib, 0] | max) * $p.fargate.disk_gib_hour;
  task_hour($s.api_cpu; $s.api_memory; $s.api_ephemeral_gib) as $api
| task_hour($s.web_cpu; $s.web_memory; 0) as $web
| ($api * ($s.api_min_tasks * $month + ($tasks - $s.api_min_tasks) * $hours)
   + $web * $month * (1 + ($s.web_min_tasks - 1) * $p.fargate.spot_factor)) as $fargate
| (if $s.db_multi_az then $p.rds.multi_az_factor else 1 end) as $copies
| (($s.db_instance_class | of($p.rds.instance_hour)) * $copies * $month
   + $s.db_storage_gib * $p.rds.gp3_gib_month * $copies
   + (if $s.backup_vault_enabled then $s.db_storage_gib * 0.5 * $p.rds.backup_gib_month else 0 end)) as $rds
| (($s.redis_node_type | of($p.elasticache.node_hour)) * $s.redis_nodes * $month) as $redis
# Load: what the load balancer moves is the carrier's half.
| ($minutes * (carrier_in + carrier_out)) as $alb_gib
| ([$alb_gib / ([$hours, 1] | max) / $p.alb.lcu_gib_hour, $calls / $p.alb.lcu_connections] | max) as $lcu
| (($p.alb.hour * $month) + $lcu * $p.alb.lcu_hour * $hours) as $alb
| ($minutes * (carrier_out + vendors_out) + idle_out_gib) as $out_gib
| ([$out_gib - $p.transfer_out.free_gib, 0] | max * $p.transfer_out.gib) as $transfer
# The third month's recordings: three months in reach, before they move to the cheaper class.
| ($minutes * recording * 3 * $p.s3.standard_gib_month) as $storage
| ($minutes / 3 / 1000 * $p.s3.put_1000) as $puts
| ($s.nat_gateways * $p.nat.hour * $month + $minutes * (vendors_in + vendors_out) * $p.nat.gib) as $nat
| (($s.nat_gateways + 3) * $p.public_ipv4_hour * $month) as $addresses
# A kilobyte or so a turn, and flow logs where they are whole.
| (idle_log_gib + $minutes * 0.00002 + (if $s.flow_log_traffic == "ALL" then 10 + $minutes * 0.00001 else 1 end)) as $log_gib
| (($p.cloudwatch.ingest_gib + $p.cloudwatch.store_gib_month) * $log_gib) as $logs
| (8 + (if $s.container_insights then 8 + 9 * 2 + 6 * ($tasks + $s.web_min_tasks) else 0 end)) as $metrics
| (29 + 3 * $s.redis_nodes + (if $s.container_insights then 4 else 0 end)) as $alarms
| ($metrics * $p.cloudwatch.metric_month
   + ([$alarms - $p.cloudwatch.free_alarms, 0] | max * $p.cloudwatch.alarm_month)) as $watching
| ($p.waf.acl_month + 4 * $p.waf.rule_month + (1 + $minutes * 4 / 1000000) * $p.waf.million_requests) as $waf
| (6 * $p.secret_month + $p.kms_key_month) as $secrets
| {
    "ECS Fargate": $fargate, "RDS": $rds, "ElastiCache": $redis, "ALB": $alb,
    "S3 + Transfer": ($transfer + $storage + $puts),
    "NAT gateways": $nat, "Public IPv4": $addresses, "Logs": $logs, "Metrics and alarms": $watching, "WAF": $waf,
    "Secrets, keys": $secrets
  }
| with_entries(.value |= round2)
| {
    lines: ., total: (add | round2), minutes: $minutes, tasks: $tasks,
    # What a month's recordings cost each month from their 91st day on, for as long as they are kept.
    archive_month: ($minutes * recording * $p.s3.glacier_ir_gib_month | round2),
    full: ($calls > $s.api_max_tasks * $s.api_max_calls_per_task)
  }
