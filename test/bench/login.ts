/** What every simulated device of the benchmarks is logged in with. */
export const LOGIN = { username: 'admin', password: 'correct horse 9' };
