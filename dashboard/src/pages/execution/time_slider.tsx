export interface TimeSliderProps {
  id: string;
  /** Seq of the last event. */
  last_seq: number;
  /** The moment that is shown; undefined: the present. */
  at: number | undefined;
  on_at: (seq: number | undefined) => void;
}

export function TimeSlider({ last_seq }: TimeSliderProps) {
  return <p>{last_seq}</p>;
}
