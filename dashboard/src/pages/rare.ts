// Pages that are seldom the first to be opened. One file, fetched with the first of them: many small ones would be more
// to fetch in all.
export { ArchivedList } from './archived';
export { NewPage } from './new';
export { PlansPage } from './plans';
export { ServerPage } from './server';
