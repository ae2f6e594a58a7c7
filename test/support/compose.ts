import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { root } from '#start/prepare.mjs'

const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  profiles: z.array(z.string()).default([]),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
})

const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()),
})

/** docker-compose.yml as compose reads it, variables not yet put in. */
export async function readCompose() {
  const text = await readFile(join(root, 'docker-compose.yml'), 'utf8')
  return { text, ...composeSchema.parse(parse(text, { merge: true })) }
}

const variable = /\$\{(\w+)(?::([?-])([^}]*))?\}/g

/** Puts variables in, as compose does with `${NAME:?message}`, where a missing one is an error, and `${NAME:-default}`. */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(variable, (_match, name: string, kind?: string, rest = 'is missing') => {
    const value = variables[name]
    if (!value && kind !== '-') throw new Error(`${name}: ${rest}`)
    return value || rest
  })
}

/** Names of the variables that stand in a text: `needed` as `${NAME:?…}`, `optional` as `${NAME:-…}`. */
export function variablesIn(text: string): { needed: string[]; optional: string[] } {
  const found = [...text.matchAll(variable)]
  const names = (optional: boolean) => [
    ...new Set(found.filter(([, , kind]) => (kind === '-') === optional).map(([, name = '']) => name)),
  ]
  return { needed: names(false), optional: names(true) }
}
