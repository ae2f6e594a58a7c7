/** The rooms, from the ground up, with what each is for. From this table `npm run rooms` writes biome.json and docs/rooms.md. */
export const purposes = {
  telemetry:
    'the language of the platform: readings, kinds of sensors, topics, contracts, indices, words; no I/O but a few small helpers',
  city: 'the districts of the installation as data: outlines, wards, roads, waterways, places (`CITY_DIR`)',
  journal: 'the durable, ordered log of readings between broker and ingest: embedded, or on NATS JetStream',
  storage: 'the telemetry store behind one interface: DuckDB or InfluxDB; the ledger check',
  history: 'questions about the past: roll-ups, the local calendar, coverage, official figures, corrections',
  broker: 'MQTT in front of the journal: authentication, authorization, limits; the bridge for an outside broker',
  ingest: 'from the journal to the live feed and the store: decoding, validation, quarantine',
  alerts: 'evaluates rules on the live feed, keeps alarm states, executes operator actions, notifies people',
  api: 'REST, OpenAPI and socket.io; sign-in, people, audit log; serves the built dashboard',
  simulators: 'a simulated city: devices that speak MQTT as real ones do',
  dashboard: 'the web app for operators and planners',
  start: 'starts everything in one process, or each service by itself',
  test: 'tests, in a folder for each room, and of the whole',
} as const
export type Room = keyof typeof purposes
export const rooms = Object.keys(purposes) as Room[]

/** Which rooms a room may import, itself aside. start/ and test/ may import every room, and so may bench/. */
export const mayImport: Readonly<Record<Exclude<Room, 'start' | 'test'>, readonly Room[]>> = {
  telemetry: [],
  city: ['telemetry'],
  journal: ['telemetry', 'city'],
  storage: ['telemetry', 'city'],
  broker: ['telemetry', 'city', 'journal'],
  ingest: ['telemetry', 'city', 'journal', 'storage'],
  history: ['telemetry', 'city', 'storage'],
  alerts: ['telemetry', 'city', 'storage', 'history'],
  api: ['telemetry', 'city', 'storage', 'history'],
  simulators: ['telemetry', 'city'],
  dashboard: ['telemetry'],
}

/** A relative path into another room. The dashboard has a folder alerts/ of its own, nearer than the room. */
const relativePattern = (room: string, other: Room) =>
  room === 'dashboard' && other === 'alerts' ? '**/../../../alerts/**' : `**/../${other}/**`

/** The part of biome.json that forbids all other imports. */
export function importRules() {
  return Object.entries(mayImport).map(([room, allowed]) => ({
    includes: [`${room}/**`],
    linter: {
      rules: {
        style: {
          noRestrictedImports: {
            level: 'error',
            options: {
              patterns: rooms
                .filter((other) => other !== room && !allowed.includes(other))
                .map((other) => ({
                  group: [`#${other}/*`, `#${other}/**`, relativePattern(room, other)],
                  message: `${room}/ does not know ${other}/ (see docs/rooms.md)`,
                })),
            },
          },
        },
      },
    },
  }))
}

/** The text of biome.json with the import rules as they are here, in place of those that it has. */
export function biomeConfig(text: string): object {
  const config = JSON.parse(text) as { overrides: { linter: { rules: { style?: object } } }[] } // our own file
  const others = config.overrides.filter(({ linter }) => !('noRestrictedImports' in (linter.rules.style ?? {})))
  return { ...config, overrides: [...others, ...importRules()] }
}

/** The text of docs/rooms.md. */
export function roomsPage(): string {
  const rows = rooms.map((room) => `| [${room}/](../${room}/README.md) | ${purposes[room]} | ${importsOf(room)} |`)
  return `# Rooms

Each folder at the root is a room with one purpose. A room imports only the rooms below that its row names, and no service imports
another: services meet on MQTT, in the journal, in the store and over HTTP. There are no circles of imports, of types neither.
\`npm run check\` says which import breaks this. The table is in \`test/repository/rooms.ts\`; after a change there \`npm run rooms\` writes
this page and \`biome.json\`.

| room | what it is for | may import |
|---|---|---|
${rows.join('\n')}
| [bench/](../bench/README.md) | measurements that print tables | all |

Rooms import one another by the names in \`imports\` of \`package.json\` (\`#telemetry/reading.ts\`). How a reading flows through them:

\`\`\`
sensor ─MQTT─▶ broker ─append─▶ journal ─▶ ingest ─┬─▶ live batches ─MQTT─▶ api ─socket.io─▶ dashboard
                  ▲                                │                   └──▶ alerts ─MQTT─▶ api
                  └── PUBACK once appended         └─▶ storage ◀─ history ◀── questions about the past ── api
\`\`\`

Where a particular thing is decided: [where-is.md](where-is.md).
`
}

const importsOf = (room: Room) =>
  room === 'start' || room === 'test'
    ? 'all'
    : mayImport[room].map((other) => `${other}`).join(', ') || 'nothing of ours'
