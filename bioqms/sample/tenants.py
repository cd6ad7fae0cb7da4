"""The fifty tenants of the sample world, in the order in which a world takes them.

The list interleaves sizes, so that even a world of five tenants holds a large pharma company and a
small biotech. Everything but the last two fields is also in ``seeds/tenants.csv``, where the models
read it; a test keeps both equal.
"""

from typing import Final, NamedTuple


class Tenant(NamedTuple):
    """A customer of the product.

    ``utc_offset_hours`` is the standard time of ``timezone``: daylight saving is left out, so that
    a world does not depend on the machine's time zone data.
    """

    tenant_id: str
    tenant_name: str
    industry: str
    company_size: str
    region: str
    timezone: str
    utc_offset_hours: int


# Share of a world's people that one tenant of this size gets, relative to the others: a heavy tail
# over 1 to 12.
SIZE_WEIGHT: Final = {
    "5001+": 12.0,
    "1001-5000": 6.0,
    "201-1000": 3.5,
    "51-200": 2.0,
    "1-50": 1.2,
}

_PHARMA, _BIOTECH, _CDMO = "Pharmaceuticals", "Biotechnology", "CDMO"
_DEVICES, _CELL, _DIAG = "Medical Devices", "Cell and Gene Therapy", "Diagnostics"
_NY, _CHI, _LA = ("America/New_York", -5), ("America/Chicago", -6), ("America/Los_Angeles", -8)
_LON, _BER, _ZRH = ("Europe/London", 0), ("Europe/Berlin", 1), ("Europe/Zurich", 1)
_TYO, _SGP, _SAO = ("Asia/Tokyo", 9), ("Asia/Singapore", 8), ("America/Sao_Paulo", -3)
_XL, _L, _M, _S, _XS = SIZE_WEIGHT

_NA, _EU, _APAC, _LATAM = "North America", "Europe", "Asia Pacific", "Latin America"


def _tenant(
    slug: str, name: str, industry: str, size: str, region: str, zone: tuple[str, int]
) -> Tenant:
    return Tenant(f"tnt_{slug}", name, industry, size, region, *zone)


TENANTS: Final = (
    _tenant("acme_pharma", "Acme Pharma", _PHARMA, _XL, _NA, _NY),
    _tenant("helvetia_biologics", "Helvetia Biologics", _BIOTECH, _M, _EU, _ZRH),
    _tenant("northbridge_cdmo", "Northbridge CDMO", _CDMO, _L, _EU, _LON),
    _tenant("sakura_cell", "Sakura Cell Therapies", _CELL, _S, _APAC, _TYO),
    _tenant("tiny_titan_bio", "Tiny Titan Bio", _BIOTECH, _XS, _NA, _LA),
    _tenant("rheinland_wirkstoffe", "Rheinland Wirkstoffe", _PHARMA, _L, _EU, _BER),
    _tenant("lakeshore_devices", "Lakeshore Devices", _DEVICES, _M, _NA, _CHI),
    _tenant("merlion_vaccines", "Merlion Vaccines", _PHARMA, _M, _APAC, _SGP),
    _tenant("atlantico_farma", "Atlântico Farma", _PHARMA, _S, _LATAM, _SAO),
    _tenant("quantum_assay", "Quantum Assay", _DIAG, _XS, _EU, _LON),
    _tenant("global_sterile", "Global Sterile Products", _CDMO, _XL, _EU, _ZRH),
    _tenant("cascade_genomics", "Cascade Genomics", _DIAG, _S, _NA, _LA),
    _tenant("harbor_peptides", "Harbor Peptides", _CDMO, _M, _NA, _NY),
    _tenant("kiyomizu_pharma", "Kiyomizu Pharma", _PHARMA, _L, _APAC, _TYO),
    _tenant("alpenblick_medtech", "Alpenblick Medtech", _DEVICES, _S, _EU, _ZRH),
    _tenant("prairie_plasma", "Prairie Plasma", _BIOTECH, _M, _NA, _CHI),
    _tenant("bluefin_antibodies", "Bluefin Antibodies", _BIOTECH, _XS, _APAC, _SGP),
    _tenant("orchid_viral_vectors", "Orchid Viral Vectors", _CELL, _S, _EU, _LON),
    _tenant("summit_injectables", "Summit Injectables", _PHARMA, _L, _NA, _NY),
    _tenant("nordlys_enzymes", "Nordlys Enzymes", _BIOTECH, _S, _EU, _BER),
    _tenant("pacific_fill_finish", "Pacific Fill and Finish", _CDMO, _M, _NA, _LA),
    _tenant("andes_biosimilares", "Andes Biosimilares", _BIOTECH, _M, _LATAM, _SAO),
    _tenant("straits_diagnostics", "Straits Diagnostics", _DIAG, _S, _APAC, _SGP),
    _tenant("evergreen_rna", "Evergreen RNA", _BIOTECH, _XS, _NA, _LA),
    _tenant("hanseatic_pharma", "Hanseatic Pharma", _PHARMA, _XL, _EU, _BER),
    _tenant("thames_therapeutics", "Thames Therapeutics", _CELL, _M, _EU, _LON),
    _tenant("ironwood_implants", "Ironwood Implants", _DEVICES, _M, _NA, _CHI),
    _tenant("fuji_bioprocess", "Fuji Bioprocess", _CDMO, _L, _APAC, _TYO),
    _tenant("solstice_labs", "Solstice Labs", _DIAG, _XS, _NA, _NY),
    _tenant("zuerisee_proteins", "Zürisee Proteins", _BIOTECH, _S, _EU, _ZRH),
    _tenant("liberty_generics", "Liberty Generics", _PHARMA, _L, _NA, _NY),
    _tenant("amazonia_vacinas", "Amazônia Vacinas", _PHARMA, _M, _LATAM, _SAO),
    _tenant("raffles_biologics", "Raffles Biologics", _CDMO, _M, _APAC, _SGP),
    _tenant("granite_ortho", "Granite Ortho", _DEVICES, _S, _NA, _NY),
    _tenant("spree_cell_factory", "Spree Cell Factory", _CELL, _XS, _EU, _BER),
    _tenant("windy_city_sterile", "Windy City Sterile", _CDMO, _M, _NA, _CHI),
    _tenant("osaka_immuno", "Osaka Immuno", _BIOTECH, _M, _APAC, _TYO),
    _tenant("bay_area_crispr", "Bay Area Editing", _CELL, _S, _NA, _LA),
    _tenant("highland_assays", "Highland Assays", _DIAG, _XS, _EU, _LON),
    _tenant("continental_pharma", "Continental Pharma", _PHARMA, _XL, _NA, _CHI),
    _tenant("matterhorn_medical", "Matterhorn Medical", _DEVICES, _M, _EU, _ZRH),
    _tenant("pampas_hemoderivados", "Pampas Hemoderivados", _BIOTECH, _S, _LATAM, _SAO),
    _tenant("elbe_excipients", "Elbe Excipients", _PHARMA, _M, _EU, _BER),
    _tenant("keystone_cdmo", "Keystone CDMO", _CDMO, _L, _NA, _NY),
    _tenant("lion_city_stem", "Lion City Stem", _CELL, _XS, _APAC, _SGP),
    _tenant("sequoia_oncology", "Sequoia Oncology", _BIOTECH, _M, _NA, _LA),
    _tenant("camden_diagnostics", "Camden Diagnostics", _DIAG, _S, _EU, _LON),
    _tenant("kanto_devices", "Kantō Devices", _DEVICES, _M, _APAC, _TYO),
    _tenant("great_lakes_labs", "Great Lakes Labs", _DIAG, _XS, _NA, _CHI),
    _tenant("basel_peptide_works", "Basel Peptide Works", _CDMO, _S, _EU, _ZRH),
)
