import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** folders whose files take the longest: begun first, so that none of them runs on alone at the end */
const slowFolders = ['test/faults/', 'test/e2e/', 'test/start/']

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = slowFolders.findIndex((folder) => moduleId.includes(folder))
      return found < 0 ? slowFolders.length : found
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // real services on two shared cores: more files at once only makes each slower
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
  },
})
