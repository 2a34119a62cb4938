// Package packing measures pkg/packing on the published instances of vector bin packing that it is given a folder of. It owns the
// reading of that folder and the sums; it does not own the instances, which are not in this repository.
package packing

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Case is an instance with what is known about it.
type Case struct {
	Name          string
	Class         string // the name's first word
	Text          []byte // in the .vbp format
	Items         int
	Dimensions    int
	Optimum       int // 0: unknown
	BestPublished int
}

// Load reads SET.tsv in folder, with the instances it lists from SET.tar.gz.
func Load(folder, set string) ([]Case, error) {
	texts, err := instances(filepath.Join(folder, set+".tar.gz"))
	if err != nil {
		return nil, fmt.Errorf("read instances: %w", err)
	}
	f, err := os.Open(filepath.Join(folder, set+".tsv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var cases []Case
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "instance\t") {
			continue
		}
		c, err := parseCase(lines.Text())
		if err != nil {
			return nil, err
		}
		if c.Text = texts[c.Name+".vbp"]; c.Text == nil {
			return nil, fmt.Errorf("%s is listed, but there is no such file", c.Name)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// parseCase reads: instance, items, dimensions, lower bound, optimum or "-", best published, separated by tabs; what follows is
// not needed.
func parseCase(line string) (Case, error) {
	words := strings.Split(line, "\t")
	if len(words) < 6 {
		return Case{}, fmt.Errorf("%q has %d columns of 6", line, len(words))
	}
	if words[4] == "-" {
		words[4] = "0"
	}
	c := Case{Name: words[0]}
	c.Class, _, _ = strings.Cut(c.Name, "_")
	var err error
	for column, to := range map[int]*int{1: &c.Items, 2: &c.Dimensions, 4: &c.Optimum, 5: &c.BestPublished} {
		n, parse := strconv.Atoi(words[column])
		*to, err = n, errors.Join(err, parse)
	}
	return c, err
}

// instances reads the files of an archive by their base names.
func instances(file string) (map[string][]byte, error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	for archive := tar.NewReader(unpacked); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return texts, nil
		}
		if err != nil {
			return nil, err
		}
		if texts[path.Base(header.Name)], err = io.ReadAll(archive); err != nil {
			return nil, err
		}
	}
}
