package packing

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// folder writes a set "s" of the given table and files.
func folder(t *testing.T, table string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	var packed bytes.Buffer
	unpacked := gzip.NewWriter(&packed)
	archive := tar.NewWriter(unpacked)
	for name, text := range files {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := unpacked.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"s.tsv": []byte(table), "s.tar.gz": packed.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const header = "instance\titems\tdims\tlower_bound\toptimum\tbest_published\tbest_seen\n"

func TestLoad(t *testing.T) {
	dir := folder(t, header+"class1_2_1_7\t2\t1\t1\t2\t3\t2\nclass2_1_1_0\t1\t1\t1\t-\t1\t1\n",
		map[string]string{"s/class1_2_1_7.vbp": "1 5 2 3 1 3 1", "s/class2_1_1_0.vbp": "1 5 1 3 1"})
	got, err := Load(dir, "s")
	if err != nil {
		t.Fatal(err)
	}
	want := []Case{
		{Name: "class1_2_1_7", Class: "class1", Text: []byte("1 5 2 3 1 3 1"), Items: 2, Dimensions: 1, Optimum: 2, BestPublished: 3},
		{Name: "class2_1_1_0", Class: "class2", Text: []byte("1 5 1 3 1"), Items: 1, Dimensions: 1, BestPublished: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A measure of half the instances must not look like one of all.
func TestLoadRefuses(t *testing.T) {
	for name, table := range map[string]string{
		"Missing": header + "gone\t2\t1\t1\t2\t3\t2\n",
		"Short":   header + "a\t2\t1\t1\n",
		"Word":    header + "a\t2\t1\t1\ttwo\t3\t2\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Load(folder(t, table, map[string]string{"s/a.vbp": "1 1 0"}), "s"); err == nil {
				t.Errorf("got %v", got)
			}
		})
	}
	if _, err := Load(t.TempDir(), "s"); err == nil {
		t.Error("an empty folder has no instances")
	}
}

func TestSummarise(t *testing.T) {
	outcomes := []Outcome{
		{Case: Case{Class: "a", Items: 500, Optimum: 4, BestPublished: 5}, Bins: 4, LowerBound: 4, Took: 3 * time.Millisecond},
		{Case: Case{Class: "a", Items: 500, Optimum: 4, BestPublished: 5}, Bins: 5, LowerBound: 3, Took: 5 * time.Millisecond},
		{Case: Case{Class: "b", Items: 20, BestPublished: 4}, Bins: 6, LowerBound: 5, Took: 90 * time.Millisecond},
		{Case: Case{Class: "b", Items: 20, Optimum: 8, BestPublished: 8}, Bins: 8, LowerBound: 9},
	}
	want := Summary{Cases: 4, Known: 3, Optimal: 2, ToOptimum: (1 + 1.25 + 1) / 3, ToBest: (0.8 + 1 + 1.5 + 1) / 4, Proven: 1, Wrong: 1}
	if diff := cmp.Diff(want, Summarise(outcomes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var printed strings.Builder
	Print(&printed, outcomes)
	if !strings.Contains(printed.String(), "time at 500 items: median 3ms, p95 3ms, longest 5ms (2 cases)\n") {
		t.Errorf("got %s", printed.String())
	}
}
