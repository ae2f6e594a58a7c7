// Starts the platform, or the one service that is named, on a fresh clone too. Plain JavaScript until tsx is there.
import { prepare } from './prepare.mjs'

const service = process.argv[2] ?? 'platform'
const services = [
  'platform',
  'broker',
  'bridge',
  'ingest',
  'alerts',
  'api',
  'simulators',
  'quarantine',
  'audit',
  'credentials',
]
if (!services.includes(service)) {
  console.error(`nhip: no service "${service}"; there are ${services.join(', ')}`)
  process.exit(1)
}
prepare({ dashboard: service === 'platform' || service === 'api' })
const { register } = await import('tsx/esm/api')
register()
await import(`./${service}.ts`)
