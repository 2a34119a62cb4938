package repository

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/pktline"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
)

const agent = "proviso"

// remote is one side of the Git protocol: advertise first, then upload once.
type remote interface {
	// advertise returns the list of references as the server sends it.
	advertise(ctx context.Context) (io.ReadCloser, error)
	// upload sends a request for a pack and returns the answer.
	upload(ctx context.Context, request []byte) (io.ReadCloser, error)
	close()
}

// receive asks for one commit and writes the pack that holds it. It returns the commit and whether the server was told, and
// promised, to leave large files out.
func receive(ctx context.Context, r remote, ref string, limits Limits, w io.Writer) (commit plumbing.Hash, filtered bool, err error) {
	adv, err := references(ctx, r, limits)
	if err != nil {
		return commit, false, err
	}
	commit, err = choose(adv, ref)
	if err != nil {
		return commit, false, err
	}
	request := wish(adv, commit, limits)
	var b bytes.Buffer
	if err := request.UploadRequest.Encode(&b); err != nil {
		return commit, false, fmt.Errorf("encode request: %w", err)
	}
	if err := pktline.NewEncoder(&b).EncodeString("done\n"); err != nil {
		return commit, false, fmt.Errorf("encode request: %w", err)
	}
	body, err := r.upload(ctx, b.Bytes())
	if err != nil {
		return commit, false, err
	}
	defer body.Close()
	return commit, request.Filter != "", unpack(ctx, body, request, limits, w)
}

func references(ctx context.Context, r remote, limits Limits) (*packp.AdvRefs, error) {
	body, err := r.advertise(ctx)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	adv := packp.NewAdvRefs()
	err = adv.Decode(&capped{ctx: ctx, r: body, left: limits.AdvertisedBytes})
	var said *pktline.ErrorLine
	switch {
	case errors.Is(err, packp.ErrEmptyAdvRefs):
		return nil, ErrEmpty
	case errors.Is(err, packp.ErrEmptyInput), errors.As(err, &said):
		return nil, ErrNotFound // over ssh a server that knows no such repository, or does not show it, says so and hangs up
	case err != nil:
		return nil, judged(ctx, brief(err), ErrNotGit)
	case len(adv.References) == 0 && adv.Head == nil:
		return nil, ErrEmpty
	}
	for _, format := range adv.Capabilities.Get("object-format") {
		if format != "sha1" {
			return nil, fmt.Errorf("%w: its objects are named by %q", ErrNotGit, cut(format, 16))
		}
	}
	return adv, nil
}

// choose finds the commit of a branch or tag; without one, that of the default branch.
func choose(adv *packp.AdvRefs, ref string) (plumbing.Hash, error) {
	if ref == "" {
		if adv.Head != nil {
			return *adv.Head, nil
		}
		for _, name := range []string{"refs/heads/main", "refs/heads/master"} { // servers without HEAD have one of these
			if h, ok := adv.References[name]; ok {
				return h, nil
			}
		}
		return plumbing.ZeroHash, fmt.Errorf("%w: it has no default branch", ErrReferenceNotFound)
	}
	if h, ok := adv.References["refs/heads/"+ref]; ok {
		return h, nil
	}
	if h, ok := adv.Peeled["refs/tags/"+ref]; ok {
		return h, nil
	}
	if h, ok := adv.References["refs/tags/"+ref]; ok {
		return h, nil
	}
	return plumbing.ZeroHash, ErrReferenceNotFound
}

// wish asks for as little as the server lets us: one commit, no tags, no files above the bound.
func wish(adv *packp.AdvRefs, commit plumbing.Hash, limits Limits) *packp.UploadPackRequest {
	adv.Capabilities.Delete(capability.ThinPack) // we have no objects that a thin pack could lean on
	request := packp.NewUploadPackRequestFromCapabilities(adv.Capabilities)
	set := func(c capability.Capability) bool {
		return adv.Capabilities.Supports(c) && request.Capabilities.Set(c) == nil
	}
	if adv.Capabilities.Supports(capability.Agent) {
		_ = request.Capabilities.Set(capability.Agent, agent) // an argument that is a constant is accepted
	}
	set(capability.NoProgress)
	if set(capability.Shallow) {
		request.Depth = packp.DepthCommits(1)
	}
	if set(capability.Filter) {
		request.Filter = packp.FilterBlobLimit(uint64(limits.FileBytes)+1, packp.BlobLimitPrefixNone)
	}
	request.Wants = append(request.Wants, commit)
	return request
}

// unpack takes the pack out of the server's answer.
func unpack(ctx context.Context, body io.ReadCloser, request *packp.UploadPackRequest, limits Limits, w io.Writer) error {
	// What wraps the pack is a few per cent of it; a server that sends nothing but progress comes to its end here, too.
	bounded := struct {
		io.Reader
		io.Closer
	}{&capped{ctx: ctx, r: body, left: limits.PackBytes + limits.PackBytes/16 + mib}, body}
	response := packp.NewUploadPackResponse(request)
	if err := response.Decode(bounded); err != nil {
		return judged(ctx, brief(err), ErrCorrupt)
	}
	var pack io.Reader = response
	switch {
	case request.Capabilities.Supports(capability.Sideband64k):
		pack = sideband.NewDemuxer(sideband.Sideband64k, response)
	case request.Capabilities.Supports(capability.Sideband):
		pack = sideband.NewDemuxer(sideband.Sideband, response)
	}
	if _, err := io.Copy(w, &capped{ctx: ctx, r: pack, left: limits.PackBytes}); err != nil {
		return judged(ctx, brief(err), ErrCorrupt)
	}
	return nil
}

// brief keeps an error that quotes a stranger short and on one line, and the failure that it wraps.
func brief(err error) error {
	if Code(err) != "" {
		return err
	}
	return errors.New(cut(fmt.Sprintf("%q", err.Error()), 200))
}

func cut(s string, n int) string { return strings.ToValidUTF8(s[:min(n, len(s))], "") }
