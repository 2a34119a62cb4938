package packing

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// ReadInstance reads the .vbp format: integers between white space, first the number of dimensions, the capacity of a bin in
// each, the number of item types, then for each type its size in each dimension and its demand. A type with demand n becomes n
// items in a row. What is wrong with a file is a *FormatError; nothing may follow the last number.
func ReadInstance(r io.Reader) (*Instance, error) {
	scan := &numberReader{r: bufio.NewReaderSize(r, 64<<10), line: 1}
	dims, err := scan.next(MaxDimensions)
	if err != nil {
		return nil, err
	}
	if dims == 0 {
		return nil, scan.wrong(ErrLimit)
	}
	in := &Instance{Capacity: make([]int64, dims)}
	for k := range in.Capacity {
		if in.Capacity[k], err = scan.next(MaxSize); err != nil {
			return nil, err
		}
	}
	types, err := scan.next(MaxItems)
	if err != nil {
		return nil, err
	}
	item := make([]int64, dims)
	for t := range types {
		if err := scan.item(item, in.Capacity); err != nil {
			return nil, fmt.Errorf("item type %d: %w", t, err)
		}
		demand, err := scan.next(int64(MaxItems - in.Items()))
		if err != nil {
			return nil, fmt.Errorf("item type %d: %w", t, err)
		}
		for range demand {
			in.Sizes = append(in.Sizes, item...)
		}
	}
	if err := scan.end(); err != nil {
		return nil, err
	}
	return in, nil
}

// numberReader reads integers between white space and knows the line it is on.
type numberReader struct {
	r    *bufio.Reader
	line int
	word []byte
}

// maxWord is more than the longest number within the limits, and short enough to be shown.
const maxWord = 24

// item reads the sizes of one item.
func (s *numberReader) item(item, capacity []int64) (err error) {
	for k := range item {
		if item[k], err = s.next(MaxSize); err != nil {
			return err
		}
		if item[k] > capacity[k] {
			return s.wrong(ErrTooLarge)
		}
	}
	return nil
}

// next reads a number from 0 to most.
func (s *numberReader) next(most int64) (int64, error) {
	if err := s.scan(); err != nil {
		return 0, err
	}
	if len(s.word) == 0 {
		return 0, s.wrong(ErrTruncated)
	}
	negative := s.word[0] == '-'
	digits := s.word
	if negative {
		digits = digits[1:]
	}
	n, err := strconv.ParseUint(string(digits), 10, 63)
	switch {
	case err != nil:
		return 0, s.wrong(ErrNumber)
	case negative && n > 0:
		return 0, s.wrong(ErrNegative)
	case n > uint64(most):
		return 0, s.wrong(ErrLimit)
	}
	return int64(n), nil
}

func (s *numberReader) end() error {
	if err := s.scan(); err != nil {
		return err
	}
	if len(s.word) > 0 {
		return s.wrong(ErrOverlong)
	}
	return nil
}

// scan reads the next word; an empty one is the end of the file. The white space after a word stays unread, so that the line
// is the word's.
func (s *numberReader) scan() error {
	s.word = s.word[:0]
	for {
		c, err := s.r.ReadByte()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return &FormatError{Line: s.line, Err: err}
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			if s.word = append(s.word, c); len(s.word) > maxWord {
				return s.wrong(ErrNumber)
			}
			continue
		}
		if len(s.word) > 0 {
			return s.r.UnreadByte()
		}
		if c == '\n' {
			s.line++
		}
	}
}

func (s *numberReader) wrong(reason error) error {
	return &FormatError{Line: s.line, Word: string(s.word), Err: reason}
}
