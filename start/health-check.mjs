// For a container's health check: exits with 0 when this container's service answers.
const port = process.env.METRICS_PORT || process.env.HTTP_PORT || 8080
const answer = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined)
process.exit(answer?.ok ? 0 : 1)
