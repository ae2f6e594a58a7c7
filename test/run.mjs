// The one test command: installs what is missing, checks, builds, tests, and ends with one line of totals.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepare } from '../start/prepare.mjs'

/** Real services that tests start: program → Debian package. */
const programs = {
  influxd: 'influxdb',
  'nats-server': 'nats-server',
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  chromium: 'chromium',
  openssl: 'openssl',
}

const run = (command, args, env = {}) =>
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1
const onPath = (program) =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some((folder) => existsSync(join(folder, program)))
const missing = () => Object.keys(programs).filter((program) => !onPath(program))

function installPrograms() {
  const wanted = missing().map((program) => programs[program])
  if (wanted.length === 0) return
  const debian = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0
  if (debian) {
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], {
      DEBIAN_FRONTEND: 'noninteractive',
    })
  }
  const still = missing()
  if (still.length === 0) return
  const advice = `missing: ${still.join(', ')}; on Debian or Ubuntu: apt-get install ${still.map((p) => programs[p]).join(' ')}`
  console.error(process.env.CI ? advice : `${advice} (their tests are skipped)`)
  if (process.env.CI) process.exit(1)
}

installPrograms()
prepare({ dashboard: existsSync('dashboard/src/main.ts') })
const checked = run('npm', ['run', '--silent', 'check'])
const folder = mkdtempSync(join(tmpdir(), 'nhip-test-'))
const report = join(folder, 'report.json')
const tested = run(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
)
const totals = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { numPassedTests: 0, numFailedTests: 1 }
rmSync(folder, { recursive: true, force: true })
const failed = totals.numFailedTests + (checked === 0 ? 0 : 1) + (tested !== 0 && totals.numFailedTests === 0 ? 1 : 0)
// not registered without it, so that nothing that can run anywhere counts as skipped
if (!process.env.TEST_INFLUX2_URL)
  console.log(
    'not run: the store contract and an end-to-end test on InfluxDB 2.x (TEST_INFLUX2_URL is not set: CONTRIBUTING.md)',
  )
const skipped = totals.numPendingTests ?? 0
console.log(`${totals.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 ? 0 : 1)
