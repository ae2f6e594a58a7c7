// Starts the platform, or the one service that is named, on a fresh clone too. Plain JavaScript until packages are there.
import { services } from './built.mjs'
import { load } from './load.mjs'
import { prepare } from './prepare.mjs'

const service = process.argv[2] ?? 'platform'
if (!services.includes(service)) {
  console.error(`nhip: no service "${service}"; there are ${services.join(', ')}`)
  process.exit(1)
}
prepare({ dashboard: service === 'platform' || service === 'api' })
await load(service)
