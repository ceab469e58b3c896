package gatectladdon

import (
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"
)

const (
	peerTTL   = 20 * time.Second // mqant's RegisterTTL: a node that was silent for so long is gone
	mostPeers = 10000            // somebody may say any number of names
	// mostNamed are the peers that a node names: those next to it by id, round the end. So each is named by as many, a stopped
	// one too, and an answer does not grow with the cluster.
	mostNamed = 32
)

// node is the record of a node of the cluster.
type node struct {
	ID       string            `json:"id"`
	Address  string            `json:"address"`
	Version  string            `json:"version"`
	Metadata map[string]string `json:"metadata"`
}

// address is a subject of NATS without wildcards, white space and control characters.
var address = regexp.MustCompile(`^[!-)+\-/-=?-~]+(\.[!-)+\-/-=?-~]+)*$`)

// isNode is what readers of the answers ask of a node, too: others they drop.
func (n node) isNode() bool {
	return len(n.ID) <= 255 && strings.Index(n.ID, "@") > 0 && strings.Count(n.ID, "@") == 1 &&
		isSubject(n.Address) && n.Address[0] != '$'
}

type heard struct {
	node node
	at   time.Time
}

// peers are the nodes that were heard of, each for a time.
type peers struct {
	lock sync.Mutex
	byID map[string]heard
}

func newPeers() *peers { return &peers{byID: map[string]heard{}} }

// hear is true when it is news: of a node that is new, or that has another address.
func (p *peers) hear(of node) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	before, known := p.byID[of.ID]
	if !known && len(p.byID) >= mostPeers {
		return false
	}
	p.byID[of.ID] = heard{of, time.Now()}
	return !known || before.node.Address != of.Address
}

func (p *peers) forget(id string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	delete(p.byID, id)
}

func (p *peers) size() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return len(p.byID)
}

// nodes are those whose time is not up.
func (p *peers) nodes() []node {
	p.lock.Lock()
	defer p.lock.Unlock()
	nodes := make([]node, 0, len(p.byID))
	for id, peer := range p.byID {
		if time.Since(peer.at) > peerTTL {
			delete(p.byID, id)
		} else {
			nodes = append(nodes, peer.node)
		}
	}
	return nodes
}

// following puts those after the id first, and those before it behind them, each by id, and leaves out whom others name.
func following(nodes []node, id string) []node {
	sort.Slice(nodes, func(one, other int) bool {
		if before := nodes[one].ID < id; before != (nodes[other].ID < id) {
			return !before
		}
		return nodes[one].ID < nodes[other].ID
	})
	if len(nodes) > mostNamed {
		nodes = nodes[:mostNamed]
	}
	return nodes
}
