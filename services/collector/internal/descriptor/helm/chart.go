package helm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	"helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/ignore"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Bounds of a chart with everything that it vendors. The chart of a large monitoring stack has 700 files of 5 MiB in all.
const (
	maxFile  = 1 << 20
	maxBytes = 16 << 20
	maxFiles = 4000
	// maxIgnore bounds .helmignore, whose every line is matched with every file.
	maxIgnore = 16 << 10
	maxDepth  = 4 // of charts that name one another by file://
)

// A chart is the files of a chart in memory, with the places where they stand.
type chart struct {
	dir          string
	loaded       *v2.Chart
	dependencies []dependency
	// origins are the repository's paths of files, by the first byte of their data: the loader renames files and charts, but
	// passes the bytes on. Empty files have none, and need none.
	origins map[*byte]string
}

// A dependency is a chart that Chart.yaml names and default values enable.
type dependency struct {
	name string
	dir  string // where it was found: its folder or its archive; empty: nowhere
	file string // Chart.yaml
	line int
}

// errTooLarge is returned when a chart is larger than is read.
var errTooLarge = errors.New("chart is too large")

// A gatherer collects the files of a chart under the names that the loader expects.
type gatherer struct {
	files   fs.FS
	result  *reading.Result
	buffers []*archive.BufferedFile
	origins map[*byte]string
	bytes   int
	depth   int
}

// gather loads the chart in dir; nil: it cannot be, and the result says why.
func gather(files fs.FS, dir string, result *reading.Result) *chart {
	dir = path.Clean(dir)
	g := &gatherer{files: files, result: result, origins: map[*byte]string{}}
	about := path.Join(dir, "Chart.yaml")
	if err := g.folder(dir, ""); err != nil {
		result.Problem(about, 0, "too_large", "The chart holds more than "+strconv.Itoa(maxBytes>>20)+" MiB or "+strconv.Itoa(maxFiles)+" files.")
		return nil
	}
	loaded, err := loader.LoadFiles(g.buffers)
	if err != nil {
		result.Problem(about, 0, "syntax", "The chart cannot be loaded: "+err.Error()+".")
		return nil
	}
	return &chart{dir: dir, loaded: loaded, origins: g.origins}
}

// parts are what of a chart's folder is a chart's; all else may be read by other parsers too.
func part(name string) bool {
	first, _, nested := strings.Cut(name, "/")
	if nested {
		return first == "templates" || first == "charts" || first == "crds" || first == "ci"
	}
	return slices.Contains([]string{"Chart.yaml", "Chart.lock", "values.schema.json", "requirements.yaml", "requirements.lock", ".helmignore"}, name) ||
		strings.HasPrefix(name, "values") && (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml"))
}

// folder collects a folder under a prefix.
func (g *gatherer) folder(dir, prefix string) error {
	rules := ignore.Empty()
	if data, err := fs.ReadFile(g.files, path.Join(dir, ".helmignore")); err == nil && len(data) <= maxIgnore {
		if parsed, err := ignore.Parse(bytes.NewReader(data)); err == nil {
			rules = parsed
		}
	}
	rules.AddDefaults()
	return fs.WalkDir(g.files, dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // what cannot be listed is missing, and its absence shows in the rendering
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p, dir), "/")
		if dir == "." {
			name = p
		}
		if d.IsDir() {
			if name == ".git" || name == "node_modules" || prefix == "" && name == "crds" {
				return fs.SkipDir
			}
			return nil
		}
		switch {
		case !d.Type().IsRegular():
			if part(name) {
				g.result.Problem(p, 0, "link", "The chart holds a link or a device, which is not followed.")
			}
			return nil
		case part(name):
			g.result.Consumed = append(g.result.Consumed, p)
		}
		if info, err := d.Info(); err != nil || rules.Ignore(name, info) {
			return nil
		}
		return g.file(p, path.Join(prefix, name))
	})
}

// file collects a file, an archive of a chart as the files in it.
func (g *gatherer) file(p, name string) error {
	info, err := fs.Stat(g.files, p)
	if err != nil {
		return nil
	}
	if info.Size() > maxFile {
		if part(name) {
			g.result.Problem(p, 0, "too_large", "The file is larger than "+strconv.Itoa(maxFile>>20)+" MiB.")
		}
		return nil // files beside templates may be large; a template that asks for one gets nothing
	}
	data, err := fs.ReadFile(g.files, p)
	if err != nil {
		return nil
	}
	parent, base := path.Split(name)
	if strings.HasSuffix(parent, "charts/") && strings.HasSuffix(base, ".tgz") {
		return g.archive(p, parent, data)
	}
	if err := g.put(p, name, data); err != nil {
		return err
	}
	if base == "Chart.yaml" && g.depth < maxDepth {
		return g.neighbours(p, name, data)
	}
	return nil
}

// put adds a file within the bounds.
func (g *gatherer) put(origin, name string, data []byte) error {
	if g.bytes += len(data); g.bytes > maxBytes || len(g.buffers) >= maxFiles {
		return errTooLarge
	}
	if len(data) > 0 {
		g.origins[&data[0]] = origin
	}
	g.buffers = append(g.buffers, &archive.BufferedFile{Name: name, Data: data})
	return nil
}

// archive collects the files of a packaged chart. Archives inside of it are left out: packages hold folders.
func (g *gatherer) archive(p, parent string, data []byte) error {
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		g.result.Problem(p, 0, "binary", "The archive cannot be unpacked.")
		return nil
	}
	packed := tar.NewReader(io.LimitReader(zipped, maxBytes))
	for range maxFiles {
		header, err := packed.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			g.result.Problem(p, 0, "binary", "The archive is broken or too large.")
			return nil
		}
		if header.Typeflag != tar.TypeReg || header.Size > maxFile || !fs.ValidPath(header.Name) || strings.HasSuffix(header.Name, ".tgz") {
			continue
		}
		content, err := io.ReadAll(packed)
		if err != nil {
			g.result.Problem(p, 0, "binary", "The archive is broken or too large.")
			return nil
		}
		if err := g.put(p, parent+header.Name, content); err != nil {
			return err
		}
	}
	return nil
}

// neighbours collects the charts that a Chart.yaml names by file:// and that nobody vendored: they stand in the repository.
func (g *gatherer) neighbours(p, name string, data []byte) error {
	var about struct {
		Dependencies []struct {
			Name       string `yaml:"name"`
			Repository string `yaml:"repository"`
		} `yaml:"dependencies"`
	}
	if err := yaml.Unmarshal(data, &about); err != nil {
		return nil // the loader says so
	}
	for _, d := range about.Dependencies {
		relative, found := strings.CutPrefix(d.Repository, "file://")
		dir := path.Join(path.Dir(p), relative)
		if !found || !fs.ValidPath(dir) || !fs.ValidPath(d.Name) || strings.Contains(d.Name, "/") || dir == path.Dir(p) {
			continue
		}
		if _, err := fs.Stat(g.files, path.Join(path.Dir(p), "charts", d.Name)); err == nil {
			continue
		}
		if _, err := fs.Stat(g.files, path.Join(dir, "Chart.yaml")); err != nil {
			continue
		}
		consumed := len(g.result.Consumed) // the neighbour is a chart of its own, too
		g.depth++
		err := g.folder(dir, path.Join(path.Dir(name), "charts", d.Name))
		g.depth--
		g.result.Consumed = g.result.Consumed[:consumed]
		if err != nil {
			return err
		}
	}
	return nil
}
