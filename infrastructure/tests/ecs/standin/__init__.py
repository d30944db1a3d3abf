"""A small ECS control plane for tests: tasks are processes, the load balancer is HAProxy, the API is AWS's own."""
