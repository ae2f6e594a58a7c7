import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // real services on two shared cores: more files at once only makes each slower
    maxWorkers: 2,
  },
})
