// Runs the tests, or the test files that are named, on other majors of Node: npm run test:node -- 22,24 [files …]
// Node comes as a package of the npm registry, into the cache of node_modules; native modules are loaded by each as they are.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from '../start/prepare.mjs'

const [majors = '22,24', ...files] = process.argv.slice(2)

/** The program of a major's newest release; installed when it is not there yet. */
function nodeOf(major) {
  const folder = join(root, 'node_modules/.cache/node', major)
  const name = `node-${process.platform}-${process.arch}`
  const program = join(folder, 'node_modules', name, 'bin/node')
  if (!existsSync(program)) {
    const options = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error']
    spawnSync('npm', ['install', '--prefix', folder, ...options, `${name}@${major}`], { stdio: 'inherit' })
  }
  if (!existsSync(program)) throw new Error(`Node ${major} cannot be had as ${name}@${major}`)
  return program
}

let failed = false
for (const major of majors.split(',')) {
  const program = nodeOf(major)
  const PATH = [dirname(program), process.env.PATH].join(delimiter)
  console.log(`Node ${major}: ${program}`)
  const { status } = spawnSync(program, [join(root, 'test/run.mjs'), ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH },
  })
  failed ||= status !== 0
}
process.exit(failed ? 1 : 0)
