// For a container's health check: exits with 0 when this container's service answers.
import { get } from 'node:http'
import { get as getSecurely } from 'node:https'

const { METRICS_PORT, HTTP_PORT, TLS_CERT, HOST = '' } = process.env
const secure = !METRICS_PORT && TLS_CERT && !/^(127\.|::1$|localhost$|$)/.test(HOST)
const address = `${secure ? 'https' : 'http'}://127.0.0.1:${METRICS_PORT || HTTP_PORT || 8080}/health/live`
const ask = secure ? getSecurely : get
// the certificate is for the name under which others know this machine
ask(address, { rejectUnauthorized: false }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on(
  'error',
  () => process.exit(1),
)
