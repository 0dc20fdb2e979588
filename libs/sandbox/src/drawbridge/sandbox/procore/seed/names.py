"""Names of the made-up company. Any likeness to a real firm is chance."""

PROJECTS = (
    ("Riverside Medical Pavilion", "24-101", True),
    ("Alder Street Lofts", "24-117", True),
    ("Northgate Water Treatment", "25-003", True),
    ("Old Mill Garage", "22-048", False),
)
"""Name, project number, active."""

VENDORS = (
    ("Bluestone Concrete LLC", "Maria Ortega"),
    ("Kestrel Electric Inc", "Dan Whitfield"),
    ("Summit Mechanical Co", "Priya Nair"),
    ("Ironwood Steel Erectors", "Joe Lindqvist"),
    ("Prairie Drywall & Paint", "Anita Gomez"),
    ("Cobalt Building Supply", "Hugh Mercer"),
    ("Greenline Site Services", "Tom Okafor"),
    ("Vantage Roofing Group", "Lena Fischer"),
    ("Quarry Lane Masonry", "Sam Pruitt"),
    ("Harborview Glass Works", "Nora Quinn"),
    ("Delta Fire Protection", "Victor Hale"),
    ("Redwood Millwork", "Grace Tanaka"),
)
"""Company, contact. The one at `WITHOUT_CODE` has no ledger vendor code yet."""

WITHOUT_CODE = 8

TRADES = (
    ("Cast-in-place concrete", "03-300"),
    ("Electrical rough-in", "26-050"),
    ("HVAC equipment", "23-700"),
    ("Structural steel", "05-120"),
    ("Gypsum board", "09-290"),
    ("Building materials", "06-100"),
    ("Earthwork", "31-200"),
    ("Membrane roofing", "07-500"),
    ("Unit masonry", "04-200"),
    ("Glazing", "08-800"),
    ("Fire sprinklers", "21-130"),
    ("Finish carpentry", "06-200"),
)
"""What each vendor does, and its cost code."""

PHASES = ("Mobilisation", "Level 1", "Level 2", "Close-out")
"""The schedule of values of a subcontract, one line each."""
