"""ECS, ECR, autoscaling."""

from __future__ import annotations

import json

from apply.aws import client, first, given, tags
from apply.registry import Value, creates, deletes


@creates("aws_ecs_cluster")
def cluster(planned: Value) -> Value:
    settings = [{"name": s["name"], "value": s["value"]} for s in planned["setting"]]
    made = client("ecs").create_cluster(
        clusterName=planned["name"], settings=settings, tags=tags(planned, "key", "value")
    )["cluster"]
    return {"id": made["clusterArn"], "arn": made["clusterArn"]}


@deletes("aws_ecs_cluster")
def _(prior: Value) -> None:
    client("ecs").delete_cluster(cluster=prior["id"])


def _strategy(entries: list[Value]) -> list[Value]:
    return [
        {"capacityProvider": e["capacity_provider"], "base": int(e["base"] or 0), "weight": int(e["weight"] or 0)} for e in entries
    ]


@creates("aws_ecs_cluster_capacity_providers", repeatable=True)
def providers(planned: Value) -> Value:
    client("ecs").put_cluster_capacity_providers(
        cluster=planned["cluster_name"], capacityProviders=list(planned["capacity_providers"]),
        defaultCapacityProviderStrategy=_strategy(planned["default_capacity_provider_strategy"]),
    )
    return {"id": planned["cluster_name"]}


@deletes("aws_ecs_cluster_capacity_providers")
def _(prior: Value) -> None:
    """They go with their cluster."""


@creates("aws_ecs_task_definition")
def task_definition(planned: Value) -> Value:
    platform = first(planned, "runtime_platform")
    disk = first(planned, "ephemeral_storage")
    made = client("ecs").register_task_definition(
        family=planned["family"], networkMode=planned["network_mode"], cpu=planned["cpu"], memory=planned["memory"],
        requiresCompatibilities=list(planned["requires_compatibilities"]),
        containerDefinitions=json.loads(planned["container_definitions"]),
        volumes=[{"name": volume["name"]} for volume in planned["volume"]],
        runtimePlatform={
            "operatingSystemFamily": platform["operating_system_family"], "cpuArchitecture": platform["cpu_architecture"]
        },
        executionRoleArn=planned["execution_role_arn"], taskRoleArn=planned["task_role_arn"],
        tags=tags(planned, "key", "value"),
        **given(ephemeralStorage={"sizeInGiB": int(disk["size_in_gib"])} if disk else None),
    )["taskDefinition"]
    arn = made["taskDefinitionArn"]
    return {
        "id": planned["family"], "arn": arn, "revision": made["revision"], "arn_without_revision": arn.rsplit(":", 1)[0],
        "enable_fault_injection": False,
    }


@deletes("aws_ecs_task_definition")
def _(prior: Value) -> None:
    if not prior["skip_destroy"]:
        client("ecs").deregister_task_definition(taskDefinition=prior["arn"])


@creates("aws_ecs_service")
def service(planned: Value) -> Value:
    network, breaker = first(planned, "network_configuration"), first(planned, "deployment_circuit_breaker")
    deployment: Value = {
        "deploymentCircuitBreaker": {"enable": breaker["enable"], "rollback": breaker["rollback"]},
        "minimumHealthyPercent": int(planned["deployment_minimum_healthy_percent"]),
        "maximumPercent": int(planned["deployment_maximum_percent"]),
    }
    if alarms := first(planned, "alarms"):
        deployment["alarms"] = {
            "enable": alarms["enable"], "rollback": alarms["rollback"], "alarmNames": list(alarms["alarm_names"])
        }
    made = client("ecs").create_service(
        cluster=planned["cluster"], serviceName=planned["name"], taskDefinition=planned["task_definition"],
        desiredCount=int(planned["desired_count"]), platformVersion=planned["platform_version"],
        capacityProviderStrategy=_strategy(planned["capacity_provider_strategy"]),
        networkConfiguration={"awsvpcConfiguration": {
            "subnets": list(network["subnets"]), "securityGroups": list(network["security_groups"]),
            "assignPublicIp": "ENABLED" if network["assign_public_ip"] else "DISABLED",
        }},
        loadBalancers=[
            {"targetGroupArn": b["target_group_arn"], "containerName": b["container_name"], "containerPort": int(b["container_port"])}
            for b in planned["load_balancer"]
        ],
        deploymentConfiguration=deployment, enableExecuteCommand=planned["enable_execute_command"],
        healthCheckGracePeriodSeconds=int(planned["health_check_grace_period_seconds"]),
        tags=tags(planned, "key", "value"),
    )["service"]
    return {"id": made["serviceArn"], "arn": made["serviceArn"]}


@deletes("aws_ecs_service")
def _(prior: Value) -> None:
    client("ecs").delete_service(cluster=prior["cluster"], service=prior["name"], force=True)


@creates("aws_ecr_repository")
def repository(planned: Value) -> Value:
    encryption = first(planned, "encryption_configuration")
    made = client("ecr").create_repository(
        repositoryName=planned["name"], imageTagMutability=planned["image_tag_mutability"],
        imageTagMutabilityExclusionFilters=[
            {"filter": f["filter"], "filterType": f["filter_type"]} for f in planned["image_tag_mutability_exclusion_filter"]
        ],
        imageScanningConfiguration={"scanOnPush": first(planned, "image_scanning_configuration")["scan_on_push"]},
        encryptionConfiguration={"encryptionType": encryption["encryption_type"], "kmsKey": encryption["kms_key"]},
        tags=tags(planned),
    )["repository"]
    return {
        "id": planned["name"], "arn": made["repositoryArn"], "repository_url": made["repositoryUri"],
        "registry_id": made["registryId"],
    }


@deletes("aws_ecr_repository")
def _(prior: Value) -> None:
    client("ecr").delete_repository(repositoryName=prior["name"], force=bool(prior["force_delete"]))


@creates("aws_ecr_lifecycle_policy", repeatable=True)
def lifecycle_policy(planned: Value) -> Value:
    client("ecr").put_lifecycle_policy(repositoryName=planned["repository"], lifecyclePolicyText=planned["policy"])
    return {"id": planned["repository"]}


@deletes("aws_ecr_lifecycle_policy")
def _(prior: Value) -> None:
    client("ecr").delete_lifecycle_policy(repositoryName=prior["repository"])


@creates("aws_appautoscaling_target", repeatable=True)
def scalable(planned: Value) -> Value:
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace=planned["service_namespace"], ResourceId=planned["resource_id"],
        ScalableDimension=planned["scalable_dimension"], MinCapacity=int(planned["min_capacity"]),
        MaxCapacity=int(planned["max_capacity"]),
    )
    return {"id": planned["resource_id"]}


@deletes("aws_appautoscaling_target")
def _(prior: Value) -> None:
    client("application-autoscaling").deregister_scalable_target(
        ServiceNamespace=prior["service_namespace"], ResourceId=prior["resource_id"],
        ScalableDimension=prior["scalable_dimension"],
    )


@creates("aws_appautoscaling_policy", repeatable=True)
def scaling_policy(planned: Value) -> Value:
    wanted = first(planned, "target_tracking_scaling_policy_configuration")
    settings: Value = {
        "TargetValue": float(wanted["target_value"]), "ScaleOutCooldown": int(wanted["scale_out_cooldown"]),
        "ScaleInCooldown": int(wanted["scale_in_cooldown"]),
    }
    if metric := first(wanted, "predefined_metric_specification"):
        settings["PredefinedMetricSpecification"] = {"PredefinedMetricType": metric["predefined_metric_type"]}
    if metric := first(wanted, "customized_metric_specification"):
        settings["CustomizedMetricSpecification"] = {
            "Namespace": metric["namespace"], "MetricName": metric["metric_name"], "Statistic": metric["statistic"],
            "Dimensions": [{"Name": d["name"], "Value": d["value"]} for d in metric["dimensions"]],
        }
    made = client("application-autoscaling").put_scaling_policy(
        PolicyName=planned["name"], PolicyType=planned["policy_type"], ServiceNamespace=planned["service_namespace"],
        ResourceId=planned["resource_id"], ScalableDimension=planned["scalable_dimension"],
        TargetTrackingScalingPolicyConfiguration=settings,
    )
    return {"id": planned["name"], "arn": made["PolicyARN"]}


@deletes("aws_appautoscaling_policy")
def _(prior: Value) -> None:
    client("application-autoscaling").delete_scaling_policy(
        PolicyName=prior["name"], ServiceNamespace=prior["service_namespace"], ResourceId=prior["resource_id"],
        ScalableDimension=prior["scalable_dimension"],
    )
