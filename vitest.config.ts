import { defineConfig, type TestProjectConfiguration } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** files that take the longest: begun first, so that none of them runs on alone at the end */
const slowest = [
  'test/faults/',
  'test/start/',
  'test/storage/store.test',
  'test/journal/',
  'test/alerts/',
  'test/broker/',
]

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = slowest.findIndex((part) => moduleId.includes(part))
      return found < 0 ? slowest.length : found
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

/** what needs a browser, which takes a processor to itself */
const browser = ['test/e2e/**/*.test.ts', 'test/dependency-contracts/maplibre-contract.test.ts']

/** what starts nothing: functions and files of the repository, for which a process of its own each would cost more than they do */
const pure = ['telemetry', 'dashboard', 'city', 'repository'].map((folder) => `test/${folder}/**/*.test.ts`)

/** A part of the files, of which so many run at once. `npm test` runs all parts beside each other, `vitest run` one after the other. */
const project = (name: string, order: number, maxWorkers: number, files: object): TestProjectConfiguration => ({
  extends: true,
  test: { name, maxWorkers, sequence: { groupOrder: order }, ...files },
})

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // a condition has its time however busy the machine is; by default it is a second
    expect: { poll: { timeout: 20_000 } },
    sequence: { sequencer: SlowFirst },
    // for two cores
    projects: [
      project('browser', 0, 1, { include: browser }),
      project('parts', 1, 2, { include: ['test/**/*.test.ts'], exclude: [...browser, ...pure] }),
      project('pure', 1, 2, { include: pure, isolate: false }),
    ],
  },
})
