"""Cluster, services, tasks, autoscaling, images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from plan import Change, Plan, drop, listed, put, put_container, put_json
from rules import expect, rule

FARGATE_MEMORY = {
    256: {512, 1024, 2048},
    512: set(range(1024, 4097, 1024)),
    1024: set(range(2048, 8193, 1024)),
    2048: set(range(4096, 16385, 1024)),
    4096: set(range(8192, 30721, 1024)),
    8192: set(range(16384, 61441, 4096)),
    16384: set(range(32768, 122881, 8192)),
}
TASKS = {"api": (2, 10), "web": (2, 6)}
# Old tasks with calls, those of a release in between, new ones; the Web's hold nothing.
MOST_PERCENT = {"aws_ecs_service.api": 300, "aws_ecs_service.web": 200}
# worker_shutdown_timeout in apps/web/nginx/nginx.conf, and what Fargate allows.
NGINX_FINISHES, MOST_TO_STOP = 60, 120


@rule("The cluster has the guide's name", put("aws_ecs_cluster.main", "name", to="retell"))
def cluster(plan: Plan) -> Iterator[str]:
    yield from expect("cluster", plan.at("aws_ecs_cluster.main")["name"], f"{plan.prefix}-cluster")


@rule(
    "The cluster offers Fargate and Fargate Spot",
    put("aws_ecs_cluster_capacity_providers.main", "capacity_providers", to=["FARGATE"]),
)
def providers(plan: Plan) -> Iterator[str]:
    found = sorted(plan.at("aws_ecs_cluster_capacity_providers.main")["capacity_providers"])
    yield from expect("capacity providers", found, ["FARGATE", "FARGATE_SPOT"])


@rule(
    "Container Insights are on in production",
    put("aws_ecs_cluster.main", "setting", to=[{"name": "containerInsights", "value": "enhanced"}]),
    put("aws_ecs_cluster.main", "setting", to=[]),
)
def insights(plan: Plan) -> Iterator[str]:
    wanted = "enabled" if plan.production else "disabled"
    yield from expect("settings", plan.at("aws_ecs_cluster.main")["setting"], [{"name": "containerInsights", "value": wanted}])


@rule(
    "Services and task families have the guide's names",
    put("aws_ecs_service.api", "name", to="api"),
    put("aws_ecs_task_definition.migrations", "family", to="migrate"),
)
def names(plan: Plan) -> Iterator[str]:
    for name in TASKS:
        yield from expect(f"service {name}", plan.at(f"aws_ecs_service.{name}")["name"], f"{plan.prefix}-{name}")
    for name in ("api", "web", "migrations"):
        yield from expect(f"family {name}", plan.at(f"aws_ecs_task_definition.{name}")["family"], f"{plan.prefix}-{name}")


@rule(
    "2-10 tasks of the API, 2-6 of the Web",
    put('aws_appautoscaling_target.service["api"]', "max_capacity", to=11),
    put('aws_appautoscaling_target.service["web"]', "min_capacity", to=1),
)
def capacity(plan: Plan) -> Iterator[str]:
    for name, limits in TASKS.items():
        values = plan.at(f'aws_appautoscaling_target.service["{name}"]')
        yield from expect(f"tasks of {name}", (values["min_capacity"], values["max_capacity"]), limits)
        wanted = f"service/{plan.prefix}-cluster/{plan.prefix}-{name}"
        yield from expect(f"what is scaled for {name}", values["resource_id"], wanted)


@rule(
    "Both services scale by CPU and memory, the API by live calls too, and calls scale in slowly",
    drop("aws_appautoscaling_policy.live_calls"),
    drop('aws_appautoscaling_policy.load["api-memory"]'),
    put("aws_appautoscaling_policy.live_calls", "target_tracking_scaling_policy_configuration", 0, "scale_in_cooldown", to=30),
)
def scaling(plan: Plan) -> Iterator[str]:
    found = set()
    for values in plan.by_type("aws_appautoscaling_policy").values():
        settings = values["target_tracking_scaling_policy_configuration"][0]
        for kind in ("predefined_metric_specification", "customized_metric_specification"):
            for metric in settings[kind] or []:
                name = metric.get("predefined_metric_type") or metric.get("metric_name")
                found.add((values["resource_id"].split("/")[-1].removeprefix(f"{plan.prefix}-"), name))
        if settings["scale_in_cooldown"] < 300:
            yield f"{values['name']} scales in after {settings['scale_in_cooldown']} s"
    usual = {"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"}
    yield from expect("metrics", found, {(s, m) for s in TASKS for m in usual} | {("api", "LiveCalls")})


@rule(
    "The API runs on Fargate alone, the Web on Spot with one task that stays",
    put("aws_ecs_service.api", "capacity_provider_strategy", 0, "capacity_provider", to="FARGATE_SPOT"),
    put("aws_ecs_service.web", "capacity_provider_strategy", to=[{"capacity_provider": "FARGATE", "base": 0, "weight": 1}]),
)
def strategies(plan: Plan) -> Iterator[str]:
    api = {s["capacity_provider"] for s in plan.at("aws_ecs_service.api")["capacity_provider_strategy"]}
    yield from expect("providers of the API", api, {"FARGATE"})
    web = {s["capacity_provider"]: s for s in plan.at("aws_ecs_service.web")["capacity_provider_strategy"]}
    yield from expect("providers of the Web", set(web), {"FARGATE", "FARGATE_SPOT"})
    if set(web) == {"FARGATE", "FARGATE_SPOT"}:
        yield from expect("base of the Web", web["FARGATE"]["base"], 1)
        yield from expect("weight of Spot", web["FARGATE_SPOT"]["weight"], 1)


def _made_of(variable: str) -> Change:
    def change(plan: Plan) -> None:
        plan.written("aws_ecs_service.api")["capacity_provider_strategy"][0]["base"] = {"references": [variable]}

    return change


@rule(
    "No change of a variable changes a capacity provider strategy, which would replace the service with its calls",
    _made_of("var.api_min_tasks"),
    _made_of("local.spare_tasks"),
)
def constant_strategies(plan: Plan) -> Iterator[str]:
    for address in plan.by_type("aws_ecs_service"):
        for number, strategy in enumerate(plan.written(address)["capacity_provider_strategy"]):
            for argument, expression in strategy.items():
                if "constant_value" not in expression:
                    yield f"{address}'s strategy {number} has a {argument} of {expression.get('references')}"


@rule(
    "Deployments keep all tasks, the API's even while those of two releases hold calls, are broken off and taken back when they fail",
    put("aws_ecs_service.web", "deployment_circuit_breaker", 0, "rollback", to=False),
    put("aws_ecs_service.api", "deployment_minimum_healthy_percent", to=50),
    put("aws_ecs_service.api", "deployment_maximum_percent", to=200),
    put("aws_ecs_service.api", "alarms", 0, "rollback", to=False),
    put("aws_ecs_service.api", "alarms", 0, "alarm_names", to=["retell-prod-api-cpu-high"]),
    put("aws_ecs_service.web", "deployment_circuit_breaker", to=[]),
)
def deployments(plan: Plan) -> Iterator[str]:
    for address, values in plan.by_type("aws_ecs_service").items():
        yield from expect(f"{address}'s circuit breaker", values["deployment_circuit_breaker"], [{"enable": True, "rollback": True}])
        percent = (values["deployment_minimum_healthy_percent"], values["deployment_maximum_percent"])
        yield from expect(f"{address}'s percents", percent, (100, MOST_PERCENT[address]))
    alarms = plan.at("aws_ecs_service.api")["alarms"][0]
    yield from expect("deployment alarms' rollback", (alarms["enable"], alarms["rollback"]), (True, True))
    wanted = {f"{plan.prefix}-alb-5xx-errors", f"{plan.prefix}-api-latency-high"}
    yield from expect("deployment alarms", set(alarms["alarm_names"]), wanted)


@rule(
    "Tasks are private and have no shell from outside",
    put("aws_ecs_service.api", "enable_execute_command", to=True),
    put("aws_ecs_service.web", "network_configuration", 0, "assign_public_ip", to=True),
)
def private(plan: Plan) -> Iterator[str]:
    subnets = {v["id"] for a, v in plan.by_type("aws_subnet").items() if a.startswith("aws_subnet.private[")}
    for address, values in plan.by_type("aws_ecs_service").items():
        network = values["network_configuration"][0]
        yield from expect(f"{address}'s public address", network["assign_public_ip"], False)
        yield from expect(f"{address}'s subnets", set(network["subnets"]), subnets)
        yield from expect(f"{address}'s ECS Exec", values["enable_execute_command"], False)


@rule(
    "Sizes are pairs that Fargate has",
    put("aws_ecs_task_definition.api", "memory", to="9000"),
    put("aws_ecs_task_definition.web", "cpu", to="300"),
)
def sizes(plan: Plan) -> Iterator[str]:
    for address, values in plan.by_type("aws_ecs_task_definition").items():
        if int(values["memory"]) not in FARGATE_MEMORY.get(int(values["cpu"]), set()):
            yield f"{address}: {values['cpu']} CPU units with {values['memory']} MiB"
        yield from expect(f"{address}'s network mode", values["network_mode"], "awsvpc")


@rule(
    "Containers are read-only, of an ordinary user, without capabilities",
    put_container("api", "readonlyRootFilesystem", False),
    put_container("web", "user", "0:0"),
    put_container("migrations", "linuxParameters", {"capabilities": {"drop": []}}),
)
def hardening(plan: Plan) -> Iterator[str]:
    for family, _, container in plan.containers():
        yield from expect(f"{family}'s read-only root", container.get("readonlyRootFilesystem"), True)
        yield from expect(f"{family}'s dropped capabilities", container["linuxParameters"]["capabilities"]["drop"], ["ALL"])
        if container.get("privileged") or str(container.get("user", "0")).split(":")[0] in ("0", "root"):
            yield f"{family} runs as {container.get('user')}"


@rule("The API has 120 s to stop, and knows it", put_container("api", "stopTimeout", 30))
def stopping(plan: Plan) -> Iterator[str]:
    for family, _, container in plan.containers():
        if family.endswith("-api"):
            yield from expect("the API's stop time-out", container["stopTimeout"], 120)
            known = next((int(e["value"]) for e in container["environment"] if e["name"] == "RETELL_STOP_SECONDS"), 0)
            yield from expect("what the API knows of it", known, container["stopTimeout"])


@rule(
    "The Web, which Spot takes away, answers until the load balancer has noticed, and is not killed before",
    put_container("web", "environment", [{"name": "RETELL_API_URL", "value": "https://api"}]),
    put_container("web", "stopTimeout", 30),
    put("aws_lb_target_group.web", "health_check", 0, "interval", to=30),
)
def leaving(plan: Plan) -> Iterator[str]:
    check = plan.at("aws_lb_target_group.web")["health_check"][0]
    noticed = check["interval"] * check["unhealthy_threshold"] + check["timeout"]
    for family, _, container in plan.containers():
        if family.endswith("-web"):
            environment = {entry["name"]: entry["value"] for entry in container["environment"]}
            notice = int(environment.get("RETELL_STOP_NOTICE_SECONDS", 0))
            if notice < noticed:
                yield f"the Web answers for {notice} s more, and the load balancer may notice after {noticed} s"
            if not notice + NGINX_FINISHES <= container["stopTimeout"] <= MOST_TO_STOP:
                yield f"the Web is killed after {container['stopTimeout']} s, with a notice of {notice} s"


def _of_the_other_environment(containers: Any) -> None:
    for secret in containers[0]["secrets"]:
        secret["valueFrom"] = secret["valueFrom"].replace(":secret:prod/", ":secret:qa/").replace(":secret:staging/", ":secret:qa/")


@rule(
    "No secret stands in an environment; the guide's three and the database's come from Secrets Manager",
    put_container("api", "secrets", []),
    put_json("aws_ecs_task_definition.api", "container_definitions", _of_the_other_environment),
    put_container("web", "environment", [{"name": "RETELL_SECURITY_JWT_SECRET", "value": "x"}]),
)
def secrets(plan: Plan) -> Iterator[str]:
    wanted = {
        "RETELL_SECURITY_JWT_SECRET": f"{plan.short_name}/jwt-secret",
        "RETELL_API_KEY": f"{plan.short_name}/retell-api-key",
        "RETELL_TWILIO_AUTH_TOKEN": f"{plan.short_name}/twilio-auth-token",
        "RETELL_SECURITY_SECRET_KEY": "",
        "RETELL_CACHE_PASSWORD": "",
        "RETELL_DATABASE_PASSWORD": "rds!db-",
    }
    for family, _, container in plan.containers():
        for entry in container.get("environment", []):
            secret_words = ("SECRET", "PASSWORD", "TOKEN", "API_KEY")
            if any(word in entry["name"] for word in secret_words):
                yield f"{family} has {entry['name']} in its environment"
            if "://" in entry["value"] and ":" in entry["value"].split("://")[1].split("@")[0] and "@" in entry["value"]:
                yield f"{family}'s {entry['name']} holds a password"
        found = {s["name"]: s["valueFrom"] for s in container.get("secrets", [])}
        for name, secret in wanted.items() if family.endswith("-api") else ():
            if f":secret:{secret}" not in found.get(name, "") and (secret or name not in found):
                yield f"{family} takes {name} from {found.get(name)}"


@rule(
    "PostgreSQL and Redis are spoken to with TLS, and PostgreSQL's certificate is checked",
    put_container("api", "environment", [{"name": "RETELL_CACHE_URL", "value": "redis://x:6379"}]),
)
def encrypted_links(plan: Plan) -> Iterator[str]:
    for family, _, container in plan.containers():
        environment = {e["name"]: e["value"] for e in container["environment"]}
        if not environment.get("RETELL_CACHE_URL", "rediss://").startswith("rediss://"):
            yield f"{family}: Redis without TLS"
        if not family.endswith("-web") and "sslmode=verify-full" not in environment.get("RETELL_DATABASE_URL", ""):
            yield f"{family}: PostgreSQL's certificate is not checked"


@rule("Migrations are `retell migrate up`", put_container("migrations", "command", ["serve"]))
def migrations(plan: Plan) -> Iterator[str]:
    for family, _, container in plan.containers():
        if family.endswith("-migrations"):
            yield from expect("command", container["command"], ["migrate", "up"])
            # The image's own, which ends in `exec retell "$@"`.
            yield from expect("entry point", container.get("entryPoint"), None)


def _keep_few(policy: Any) -> None:
    policy["rules"][1]["selection"]["countNumber"] = 3


@rule(
    "Repositories retell-prod/api and /web are scanned, encrypted, tidied, and immutable but for latest",
    put('aws_ecr_repository.service["api"]', "image_tag_mutability", to="MUTABLE"),
    put('aws_ecr_repository.service["web"]', "image_scanning_configuration", 0, "scan_on_push", to=False),
    drop('aws_ecr_lifecycle_policy.service["api"]'),
    put_json('aws_ecr_lifecycle_policy.service["web"]', "policy", _keep_few),
)
def repositories(plan: Plan) -> Iterator[str]:
    values = list(plan.by_type("aws_ecr_repository").values())
    yield from expect("repositories", {v["name"] for v in values}, {f"{plan.prefix}/api", f"{plan.prefix}/web"})
    tidied = {v["repository"] for v in plan.by_type("aws_ecr_lifecycle_policy").values()}
    yield from expect("repositories with a lifecycle", tidied, {v["name"] for v in values})
    for lifecycle in plan.by_type("aws_ecr_lifecycle_policy").values():
        kept = {r["selection"]["tagStatus"]: r["selection"]["countNumber"] for r in json.loads(lifecycle["policy"])["rules"]}
        yield from expect(f"what {lifecycle['repository']} keeps", kept, {"untagged": 14, "any": 50})
    for one in values:
        yield from expect(f"{one['name']}'s scanning", one["image_scanning_configuration"], [{"scan_on_push": True}])
        yield from expect(f"{one['name']}'s tags", one["image_tag_mutability"], "IMMUTABLE_WITH_EXCLUSION")
        excluded = one["image_tag_mutability_exclusion_filter"]
        yield from expect(f"{one['name']}'s exceptions", excluded, [{"filter": "latest", "filter_type": "WILDCARD"}])
        yield from expect(f"{one['name']}'s encryption", one["encryption_configuration"][0]["encryption_type"], "KMS")


@rule(
    "Roles allow no action on everything but those that know no resource",
    put_json("aws_iam_role_policy.task_api", "policy", lambda d: d["Statement"].append({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})),
    put_json("aws_iam_role_policy.deploy", "policy", lambda d: d["Statement"][1].update(Resource="*")),
)
def least_privilege(plan: Plan) -> Iterator[str]:
    unbound = {
        "ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions", "ecs:DeregisterTaskDefinition",
        "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth", "cloudwatch:DescribeAlarms", "servicequotas:GetServiceQuota",
        "application-autoscaling:DescribeScalableTargets", "ecs:ListTasks",
    }
    for address, statement in plan.policies():
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if any("*" in action for action in actions):
            yield f"{address} allows {actions}"
        if statement["Resource"] == "*" and not set(actions) <= unbound:
            yield f"{address} allows {sorted(set(actions) - unbound)} on everything"


def _other(plan: Plan) -> str:
    return "retell-staging" if plan.production else "retell-prod"


def _deploy_may(action: str) -> Change:
    """One action more, on the other environment's repository."""

    def change(plan: Plan) -> None:
        values = plan.at("aws_iam_role_policy.deploy")
        policy = json.loads(values["policy"])
        resource = f"arn:aws:ecr:us-east-1:123456789012:repository/{_other(plan)}/api"
        policy["Statement"].append({"Effect": "Allow", "Action": action, "Resource": resource})
        values["policy"] = json.dumps(policy)

    return change


def _deploy_may_not_pull(plan: Plan) -> None:
    if not plan.production:
        _deploy_may("ecr:BatchGetImage")(plan)
        return
    values = plan.at("aws_iam_role_policy.deploy")
    policy = json.loads(values["policy"])
    policy["Statement"] = [s for s in policy["Statement"] if s.get("Sid") != "TakeWhatStagingTried"]
    values["policy"] = json.dumps(policy)


@rule(
    "Production's deploy role pulls the images that staging has tried and changes none; staging's touches nothing of production",
    _deploy_may("ecr:PutImage"),
    _deploy_may("ecr:BatchDeleteImage"),
    _deploy_may_not_pull,
)
def promotion(plan: Plan) -> Iterator[str]:
    found: dict[str, set[str]] = {}
    for statement in json.loads(plan.at("aws_iam_role_policy.deploy")["policy"])["Statement"]:
        for resource in listed(statement["Resource"]):
            if _other(plan) in resource:
                found.setdefault(resource, set()).update(listed(statement["Action"]))
    wanted = {
        f"arn:aws:ecr:us-east-1:123456789012:repository/retell-staging/{app}": {
            "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer",
        }
        for app in ("api", "web")
        if plan.production
    }
    yield from expect("what the deploy role may do to the other environment", found, wanted)


def _protect_any_cluster(policy: Any) -> None:
    for statement in policy["Statement"]:
        if "ecs:UpdateTaskProtection" in statement["Action"]:
            statement["Resource"] = "arn:aws:ecs:us-east-1:123456789012:task/*"


@rule(
    "The API's task keeps its recordings and protects the tasks of its own cluster, and may do nothing else",
    put_json("aws_iam_role_policy.task_api", "policy", _protect_any_cluster),
    put_json("aws_iam_role_policy.task_api", "policy", lambda d: d["Statement"].pop()),
    put_json("aws_iam_role_policy.task_api", "policy", lambda d: d["Statement"].append({"Effect": "Allow", "Action": "ecs:StopTask", "Resource": "arn:x"})),
)
def task_powers(plan: Plan) -> Iterator[str]:
    found = {
        action: statement["Resource"]
        for statement in json.loads(plan.at("aws_iam_role_policy.task_api")["policy"])["Statement"]
        for action in listed(statement["Action"])
    }
    recordings = plan.at("aws_s3_bucket.recordings")["arn"] + "/recordings/*"
    key = plan.at("aws_kms_key.main")["arn"]
    tasks = f"arn:aws:ecs:us-east-1:123456789012:task/{plan.prefix}-cluster/*"
    wanted = {f"s3:{action}": recordings for action in ("GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload")}
    wanted |= {"kms:Decrypt": key, "kms:GenerateDataKey": key}
    wanted |= {"ecs:GetTaskProtection": tasks, "ecs:UpdateTaskProtection": tasks}
    yield from expect("what the API's task may do", found, wanted)


@rule(
    "Services and machines of Amazon take roles for this account alone, and nobody else takes one",
    put_json("aws_iam_role.task_api", "assume_role_policy", lambda d: d["Statement"][0].update(Principal={"AWS": "*"})),
    put_json("aws_iam_role.execution_api", "assume_role_policy", lambda d: d["Statement"][0].pop("Condition")),
    put_json("aws_iam_role.deploy", "assume_role_policy", lambda d: d["Statement"][0].update(Principal={"AWS": "*"})),
)
def trust(plan: Plan) -> Iterator[str]:
    account = "arn:aws:iam::123456789012:root"
    for address, values in plan.by_type("aws_iam_role").items():
        for statement in json.loads(values["assume_role_policy"])["Statement"]:
            principal = statement["Principal"]
            if address == "aws_iam_role.deploy":
                yield from expect(f"who takes {address}", principal, {"AWS": account})
            elif set(principal) != {"Service"}:
                yield f"{address} is taken by {principal}"
            elif principal["Service"] == "ecs-tasks.amazonaws.com":
                condition = statement.get("Condition", {}).get("StringEquals", {})
                yield from expect(f"whose tasks take {address}", condition.get("aws:SourceAccount"), "123456789012")


@rule(
    "The Web's task may do nothing in AWS, and only the API's execution role reads secrets",
    put("aws_iam_role_policy.execution_api", "role", to="retell-prod-execution-web"),
)
def web_powerless(plan: Plan) -> Iterator[str]:
    for address, values in plan.by_type("aws_iam_role_policy").items():
        text = json.dumps(json.loads(values["policy"]))
        if "secretsmanager:GetSecretValue" in text and not values["role"].endswith("-execution-api"):
            yield f"{address} reads secrets as {values['role']}"
        if values["role"].endswith("-task-web"):
            yield f"{address} gives the Web's task powers"
