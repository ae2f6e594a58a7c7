// Node's own threads, which files, names and the embedded store share: long answers of the store must leave some to the journal.
// Loaded before anything else, for Node makes them when they are first needed.
process.env.UV_THREADPOOL_SIZE ??= '16'
