// For a container's health check: exits with 0 when this container's service answers.
import { get } from 'node:http'
import { get as getSecurely } from 'node:https'

const { METRICS_HOST = '', METRICS_PORT, HTTP_PORT, TLS_CERT, HOST = '' } = process.env
const secure = !METRICS_PORT && TLS_CERT && !/^(127\.|::1$|localhost$|$)/.test(HOST)
// a service that listens on one address alone does not answer on another; on all of them, it does on loopback
const everywhere = !METRICS_PORT || /^(|0\.0\.0\.0|::)$/.test(METRICS_HOST.trim())
const host = everywhere ? '127.0.0.1' : METRICS_HOST.trim()
const place = host.includes(':') ? `[${host}]` : host
const address = `${secure ? 'https' : 'http'}://${place}:${METRICS_PORT || HTTP_PORT || 8080}/health/live`
const ask = secure ? getSecurely : get
// the certificate is for the name under which others know this machine
ask(address, { rejectUnauthorized: false }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on(
  'error',
  () => process.exit(1),
)
