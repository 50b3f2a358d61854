import { useEffect, useState } from 'react';

const passesWithin = 250;

/** Rows that only pass by ask for nothing; else a list that is scrolled fast waits for the answers of rows long gone. */
export function useStays() {
  const [stays, setStays] = useState(false);

  useEffect(() => {
    const timer = setTimeout(() => setStays(true), passesWithin);
    return () => clearTimeout(timer);
  }, []);

  return stays;
}
