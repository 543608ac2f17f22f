// What looks into the record of executions: one file, fetched with the first of them.
export { CompareView } from './compare';
export { OutcomesView } from './outcomes';
export { RecordView } from './record';
