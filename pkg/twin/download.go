package twin

import (
	"hash/fnv"
	"net/url"
	"path"
	"slices"
	"strings"
)

// sizeOf is the size behind a URL: as planted, or a plausible one that follows from the URL. The twin opens no connection.
func (c *Cluster) sizeOf(address string) int64 {
	if size, ok := c.download[address]; ok {
		return size
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(address))
	return 400*mib + int64(h.Sum32()%(256<<20))
}

func (c *Cluster) urlMetadata(r *request) (any, error) {
	u, err := url.Parse(r.text("url"))
	if err != nil || u.Host == "" {
		return nil, die("invalid URL '%s'", r.text("url"))
	}
	return object{"filename": path.Base(u.Path), "size": c.sizeOf(r.text("url")), "mimetype": "application/octet-stream"}, nil
}

// extensions are the file names that each kind of content takes.
var extensions = map[string][]string{
	"iso":    {".iso", ".img"},
	"vztmpl": {".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2"},
	"import": {".ova", ".ovf", ".qcow2", ".raw", ".vmdk"},
}

// target checks where a file is to go, and returns its volume id.
func (c *Cluster) target(r *request) (string, error) {
	s, err := c.storageFor(r.text("storage"), r.node())
	if err != nil {
		return "", err
	}
	content, name := r.text("content"), r.text("filename")
	if !s.holds(content) {
		return "", die("storage '%s' is not configured for content-type '%s'", s.name, content)
	}
	if allowed := extensions[content]; !slices.ContainsFunc(allowed, func(e string) bool { return strings.HasSuffix(name, e) }) {
		return "", reject("filename", "wrong file extension")
	}
	id := s.name + ":" + content + "/" + name
	return id, nil
}

func (c *Cluster) keep(r *request, id string, size int64) {
	_, file := splitVolume(id)
	content, _, _ := strings.Cut(file, "/")
	c.volumes[c.keyOf(r.node(), id)] = &volume{id: id, content: content, format: formatOf(content, file), size: size, ctime: c.now().Unix()}
}

func (c *Cluster) downloadVolume(r *request) (any, error) {
	id, err := c.target(r)
	if err != nil {
		return nil, err
	}
	if _, there := c.volumeOn(r.node(), id); there {
		return nil, die("refusing to override existing file '%s'", r.text("filename"))
	}
	return c.begin(r, r.node(), "download", r.text("filename"), func() error {
		if c.storages[r.text("storage")].full {
			return die("download failed: No space left on device")
		}
		c.keep(r, id, c.sizeOf(r.text("url")))
		return nil
	}, nil), nil
}

func (c *Cluster) uploadVolume(r *request) (any, error) {
	if r.upload.name == "" {
		return nil, reject("filename", "property is missing and it is not optional")
	}
	id, err := c.target(r)
	if err != nil {
		return nil, err
	}
	return c.begin(r, r.node(), "imgcopy", "", func() error {
		c.keep(r, id, r.upload.size)
		return nil
	}, nil), nil
}
