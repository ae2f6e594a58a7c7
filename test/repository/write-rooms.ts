import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '#start/prepare.mjs'
import { biomeConfig, roomsPage } from './rooms.ts'

/** `npm run rooms`: writes biome.json and docs/rooms.md after the table of rooms. */
const path = join(root, 'biome.json')
writeFileSync(path, JSON.stringify(biomeConfig(readFileSync(path, 'utf8')), undefined, 2))
writeFileSync(join(root, 'docs/rooms.md'), roomsPage())
const { status } = spawnSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', path], { stdio: 'inherit' })
process.exitCode = status ?? 1
