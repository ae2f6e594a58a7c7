// The one test command: installs what is missing, checks, builds, tests, and ends with one line of totals.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
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

/** Runs a command beside others; resolves with its exit code and what it wrote, which is shown once it has ended. */
function runBeside(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const written = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => written.push(bytes))
  return new Promise((resolve) => {
    child.on('error', (error) => written.push(Buffer.from(`${error.message}\n`)))
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(written))
      resolve(code ?? 1)
    })
  })
}

/** Runs the files of projects of vitest.config.ts; resolves with their totals. */
async function runTests(projects, folder) {
  const report = join(folder, `${projects.join()}.json`)
  const named = projects.map((project) => `--project=${project}`)
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...named, '--passWithNoTests']
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const child = spawn(process.execPath, [...args, ...reports, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  })
  const [code] = await once(child, 'close')
  const totals = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {}
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = totals
  // what fails outside of a test fails the run too
  return { passed, skipped, failed: code !== 0 && failed === 0 ? 1 : failed }
}

installPrograms()
prepare({ dashboard: existsSync('dashboard/src/main.ts') })
const folder = mkdtempSync(join(tmpdir(), 'nhip-test-'))
// at once: those with a browser need the processors, the others mostly wait
const [checked, ...results] = await Promise.all([
  runBeside('npm', ['run', '--silent', 'check']),
  ...[['browser'], ['parts', 'pure']].map((projects) => runTests(projects, folder)),
])
rmSync(folder, { recursive: true, force: true })
const sum = (name) => results.reduce((total, result) => total + result[name], 0)
const [passed, skipped] = [sum('passed'), sum('skipped')]
const failed = sum('failed') + (checked === 0 ? 0 : 1)
// not registered without it, so that nothing that can run anywhere counts as skipped
if (!process.env.TEST_INFLUX2_URL)
  console.log(
    'not run: the store contract and an end-to-end test on InfluxDB 2.x (TEST_INFLUX2_URL is not set: CONTRIBUTING.md)',
  )
if (passed + failed + skipped === 0) console.error('no test has such a name')
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 && passed + skipped > 0 ? 0 : 1)
